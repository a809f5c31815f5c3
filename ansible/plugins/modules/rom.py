#!/usr/bin/python
# Copyright: The oprom authors
# MIT or Apache-2.0
"""Puts the ROM of a host in place."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: rom
short_description: Install the option ROM that a host's iGPU needs
version_added: "0.1.0"
description:
  - Picks the ROM for the iGPU of the host, downloads it, checks it against the hash in the catalog and puts it in
    place. On a host with an AMD iGPU it is the VBIOS of the host itself.
  - C(oprom undo) on the host undoes it.
options:
  name:
    description: Name of a ROM of the catalog. Without it, the one that the host needs.
    type: str
  dest:
    description: The file that it becomes. Without it, /usr/share/kvm/igd.rom.
    type: path
  mirrors:
    description: Folders of ROMs that are tried first, as https, http or file addresses.
    type: list
    elements: str
    default: []
  offline:
    description: Do not use the network, only mirrors that begin with C(file:).
    type: bool
    default: false
  bios:
    description: On a host with an AMD iGPU, install the GOP driver of this BIOS update, a file on the host.
    type: path
  allow_unusable:
    description: Install it even if it does not work with the GPU and the QEMU of the host.
    type: bool
    default: false
extends_documentation_fragment: oprom.passthrough.program
attributes:
  check_mode:
    description: Can run in check mode and say what it would change.
    support: full
  diff_mode:
    description: Shows the hash before and after.
    support: full
"""

EXAMPLES = r"""
- name: The ROM that each node needs
  oprom.passthrough.rom:

- name: The same on nodes without a way out
  oprom.passthrough.rom:
    mirrors: ["file:/mnt/pve/shared/roms"]
    offline: true
"""

RETURN = r"""
rom:
  description: Name of the ROM.
  returned: success
  type: str
sha256:
  description: SHA-256 of its bytes.
  returned: success
  type: str
dest:
  description: The file that it is.
  returned: success
  type: str
next:
  description: What to do next, in sentences.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.oprom.passthrough.plugins.module_utils.program import ARGUMENTS, ask


def words_of(params):
    """The words of `oprom install` for these parameters."""
    words = ["install"]
    if params["name"]:
        words.append(params["name"])
    for name in ("dest", "bios"):
        if params[name]:
            words += ["--" + name, params[name]]
    for mirror in params["mirrors"]:
        words += ["--mirror", mirror]
    for name in ("offline", "allow_unusable"):
        if params[name]:
            words.append("--" + name.replace("_", "-"))
    return words


def main():
    module = AnsibleModule(
        argument_spec=dict(
            ARGUMENTS,
            name=dict(type="str"),
            dest=dict(type="path"),
            mirrors=dict(type="list", elements="str", default=[]),
            offline=dict(type="bool", default=False),
            bios=dict(type="path"),
            allow_unusable=dict(type="bool", default=False),
        ),
        mutually_exclusive=[("bios", "name"), ("bios", "mirrors")],
        supports_check_mode=True,
    )
    words = words_of(module.params)
    # What would be done also says what is in place now.
    planned = ask(module, words + ["--dry-run"], allowed=(0,))[1]
    changed = planned["would_change"]
    done = planned
    if changed and not module.check_mode:
        done = ask(module, words, allowed=(0,))[1]
    result = dict(
        changed=changed,
        rom=done["rom"],
        sha256=done["sha256"],
        dest=done["dest"],
        next=[advice["text"] for advice in done["next"]],
    )
    if module._diff:
        before = (planned.get("current") or "absent") + "\n"
        result["diff"] = dict(
            before_header=done["dest"],
            after_header=done["dest"],
            before=before,
            after=done["sha256"] + "\n",
        )
    module.exit_json(**result)


if __name__ == "__main__":
    main()
