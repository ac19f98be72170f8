"""Makes the files of this folder: recordings in ALOHA's layout whose parts lie in other files (h5py 3.7)."""
import h5py
import numpy as np

ACTION = np.arange(14, dtype="f4").reshape(2, 7)


def recording(name, **kwargs):
    file = h5py.File(name, "w", libver="latest")
    file.create_group("observations")
    file["observations"].create_dataset("qpos", data=ACTION)
    return file


with recording("target.hdf5") as f:
    f.create_dataset("action", data=ACTION)
with recording("linked.hdf5") as f:
    f["action"] = h5py.ExternalLink("target.hdf5", "/action")
with recording("linked_group.hdf5") as f:
    f.create_dataset("action", data=ACTION)
    del f["observations"]
    f["observations"] = h5py.ExternalLink("target.hdf5", "/observations")
with recording("external.hdf5") as f:
    f.create_dataset("action", (2, 7), "f4", external=[("target.hdf5", 0, 56)])
with recording("virtual.hdf5") as f:
    layout = h5py.VirtualLayout((2, 7), "f4")
    layout[:] = h5py.VirtualSource("target.hdf5", "action", (2, 7))
    f.create_virtual_dataset("action", layout)
with recording("dangling.hdf5") as f:
    f["action"] = h5py.SoftLink("/nowhere")
