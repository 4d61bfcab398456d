"""Adds programs to a wheel of this project, where cluster/wheel made a folder with them."""

import os
import sysconfig

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Programs(BuildHookInterface):
    """MAE_PREFIX names a folder with bin/, libexec/ and share/, which come to lie in the environment that the wheel is installed in.

    Without it the wheel has the modules alone, and is for every machine.
    """

    def initialize(self, version, build_data):
        prefix = os.environ.get("MAE_PREFIX")
        if not prefix:
            return
        for name in sorted(os.listdir(prefix)):
            build_data["shared_data"][os.path.join(prefix, name)] = name
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
