"""Starts oprom and reads its answer."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

# What every module of the collection takes.
ARGUMENTS = dict(
    executable=dict(type="path", default="oprom"),
    sysroot=dict(type="path"),
    catalog=dict(type="path"),
)

# oprom answered: yes, or no.
ANSWERS = (0, 1)


def command(module, words):
    """The command line for `words`, with what every module takes."""
    line = [module.params["executable"]] + list(words) + ["--json"]
    for name in ("sysroot", "catalog"):
        if module.params[name]:
            line += ["--" + name, module.params[name]]
    return line


def ask(module, words, allowed=ANSWERS):
    """Runs oprom; its exit status and its JSON. Ends the module where oprom could not do it."""
    line = command(module, words)
    status, out, err = module.run_command(line)
    try:
        answer = json.loads(out)
    except ValueError:
        module.fail_json(
            msg="oprom printed no JSON; is it installed, and at least version 0.1?",
            cmd=line,
            rc=status,
            stdout=out,
            stderr=err,
        )
    error = answer.get("error")
    if error or status not in allowed:
        error = error or {}
        module.fail_json(
            msg=error.get("what", "oprom failed"),
            help=error.get("help", ""),
            cmd=line,
            rc=status,
            stderr=err,
        )
    return status, answer


def first_failure(checks):
    """What the first check that fails says; None if none does."""
    for check in checks:
        if check["status"] == "fail":
            return "%s (%s)" % (check["says"], check["id"])
    return None
