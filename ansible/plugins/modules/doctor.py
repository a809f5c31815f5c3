#!/usr/bin/python
# Copyright: The oprom authors
# MIT or Apache-2.0
"""What oprom doctor says of a host, as facts."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: doctor
short_description: Check whether a host is ready to pass its iGPU through
version_added: "0.1.0"
description:
  - Runs C(oprom doctor) and C(oprom status) and returns the answers as facts. Nothing is changed.
options:
  require_ready:
    description: Fail if a check of the host fails.
    type: bool
    default: false
  qemu:
    description: Check for this version of QEMU instead of that of the host, for example C(11.0).
    type: str
extends_documentation_fragment: oprom.passthrough.program
attributes:
  check_mode:
    description: Can run in check mode and return what it would without.
    support: full
"""

EXAMPLES = r"""
- name: Ask every node
  oprom.passthrough.doctor:

- name: Stop where a host is not ready
  ansible.builtin.assert:
    that: oprom.ready
    fail_msg: "{{ oprom.first_failure }}"

- name: What would QEMU 11.0 break?
  oprom.passthrough.doctor:
    qemu: "11.0"
"""

RETURN = r"""
ansible_facts:
  description: The facts of the host.
  returned: always
  type: dict
  contains:
    oprom:
      description: What oprom says of the host.
      returned: always
      type: complex
      contains:
        ready:
          description: Whether no check fails.
          returned: always
          type: bool
        first_failure:
          description: The first check that fails, in a sentence; null if none does.
          returned: always
          type: str
        counts:
          description: How many checks pass, warn, fail and were skipped.
          returned: always
          type: dict
        gpu:
          description: The GPU, as C(oprom status --json) has it; null if none is seen.
          returned: always
          type: dict
        guests:
          description: The VMs and containers that use the GPU.
          returned: always
          type: list
          elements: dict
        checks:
          description: Each check, with its id, status and sentence.
          returned: always
          type: list
          elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.oprom.passthrough.plugins.module_utils.program import (
    ARGUMENTS,
    ask,
    first_failure,
)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            ARGUMENTS,
            require_ready=dict(type="bool", default=False),
            qemu=dict(type="str"),
        ),
        supports_check_mode=True,
    )
    words = ["doctor"]
    if module.params["qemu"]:
        words += ["--qemu", module.params["qemu"]]
    doctor = ask(module, words)[1]
    status = ask(module, ["status"])[1]
    failure = first_failure(doctor["checks"])
    facts = dict(
        ready=doctor["ready"],
        first_failure=failure,
        counts=doctor["counts"],
        gpu=status.get("device"),
        guests=doctor["guests"],
        checks=[dict((key, check[key]) for key in ("id", "status", "says")) for check in doctor["checks"]],
    )
    if module.params["require_ready"] and not doctor["ready"]:
        module.fail_json(
            msg="this host is not ready: %s" % (failure or "see oprom doctor"),
            ansible_facts=dict(oprom=facts),
        )
    module.exit_json(changed=False, ansible_facts=dict(oprom=facts))


if __name__ == "__main__":
    main()
