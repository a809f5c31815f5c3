"""Prints the results of a run as one JSON object, for the tests."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = """
name: results
type: stdout
short_description: Results as JSON
description: Prints each task with its result on each host, and the counts.
"""

import json

from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Collects what each task said of each host."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "results"

    def __init__(self):
        super(CallbackModule, self).__init__()
        self.tasks = {}

    def take(self, result, **kwargs):
        """Keeps what a task said of a host."""
        task = self.tasks.setdefault(result._task.get_name(), {})
        task[result._host.get_name()] = result._result

    v2_runner_on_ok = take
    v2_runner_on_failed = take
    v2_runner_on_skipped = take
    v2_runner_on_unreachable = take

    def v2_playbook_on_stats(self, stats):
        counts = dict((host, stats.summarize(host)) for host in stats.processed)
        answer = dict(tasks=self.tasks, stats=counts)
        self._display.display(json.dumps(answer, cls=AnsibleJSONEncoder, sort_keys=True))
