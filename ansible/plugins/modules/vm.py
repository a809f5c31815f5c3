#!/usr/bin/python
# Copyright: The oprom authors
# MIT or Apache-2.0
"""Gives a VM the iGPU of its host."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: vm
short_description: Set a VM up for the iGPU of its host
version_added: "0.1.0"
description:
  - Runs C(oprom setup) for a VM - what is missing on the host and in the VM, in order, each step written to the
    journal before it is done. C(oprom undo) on the host undoes it.
  - Where steps are left for a person, such as a restart or a BIOS setting, they are returned, and the module does not
    fail because of them.
options:
  vm:
    description: Number of a VM of Proxmox VE, or name of a domain of libvirt.
    type: str
    required: true
  goal:
    description: What the VM is for.
    type: str
    choices: [display-at-boot, display, compute]
  accept:
    description: Risks that are accepted. Steps with another risk are left out.
    type: list
    elements: str
    choices: [guest-visible, reinstall]
    default: []
  host:
    description: Change the host too. Without it, the VM alone is changed.
    type: bool
    default: true
extends_documentation_fragment: oprom.passthrough.program
attributes:
  check_mode:
    description: Can run in check mode and say what it would change.
    support: full
  diff_mode:
    description: Shows the lines that come and go.
    support: full
"""

EXAMPLES = r"""
- name: VM 100 transcodes
  oprom.passthrough.vm:
    vm: "100"
    goal: compute
    accept: [guest-visible]
"""

RETURN = r"""
steps:
  description: The steps that were done, or would be.
  returned: success
  type: list
  elements: dict
reboot_required:
  description: Whether the host has to be restarted before the VM can start.
  returned: success
  type: bool
manual_steps:
  description: What is left for a person, in sentences.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.oprom.passthrough.plugins.module_utils.program import ARGUMENTS, ask


def words_of(params):
    """The words of `oprom setup` for these parameters."""
    words = ["setup", params["vm"], "--yes"]
    if params["goal"]:
        words += ["--goal", params["goal"]]
    if params["accept"]:
        words += ["--accept", ",".join(params["accept"])]
    if not params["host"]:
        words.append("--no-host")
    return words


def main():
    module = AnsibleModule(
        argument_spec=dict(
            ARGUMENTS,
            vm=dict(type="str", required=True),
            goal=dict(type="str", choices=["display-at-boot", "display", "compute"]),
            accept=dict(type="list", elements="str", choices=["guest-visible", "reinstall"], default=[]),
            host=dict(type="bool", default=True),
        ),
        supports_check_mode=True,
    )
    words = words_of(module.params)
    if module.check_mode:
        words.append("--dry-run")
    # A step that failed has the status 3, and says so in the answer.
    answer = ask(module, words, allowed=(0, 1, 3))[1]
    if answer["choices"]:
        texts = [choice["text"] for choice in answer["choices"]]
        module.fail_json(msg="what the VM is for is not clear: set goal", choices=texts)
    failed = [step["text"] for step in answer["steps"] if step["state"] == "failed"]
    if failed:
        module.fail_json(msg="a step failed: %s" % failed[0], steps=answer["steps"])
    wanted = "planned" if module.check_mode else "done"
    steps = [step for step in answer["steps"] if step["state"] == wanted]
    result = dict(
        changed=bool(steps),
        steps=steps,
        reboot_required=answer["reboot_required"],
        manual_steps=[check["says"] for check in answer["manual_steps"]],
    )
    if module._diff:
        result["diff"] = dict(prepared="".join(line + "\n" for step in steps for line in step["diff"]))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
