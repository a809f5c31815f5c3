# Copyright: The oprom authors
# MIT or Apache-2.0
"""The documentation of what every module of the collection takes."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment:
    """Options that say which program is run, and on what."""

    DOCUMENTATION = r"""
options:
  executable:
    description: The program, by its path or by its name.
    type: path
    default: oprom
  sysroot:
    description: Use this folder as the root of the host.
    type: path
  catalog:
    description: Use this catalog instead of the built-in one.
    type: path
author:
  - The oprom authors (@oprom)
"""
