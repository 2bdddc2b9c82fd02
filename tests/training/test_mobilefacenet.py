"""A network of TensorFlow Lite's becomes one that says the same of any number of faces."""

import io
import tarfile

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from models.faces.mobilefacenet import LENGTH, SIZE
from training import mobilefacenet


def network(path) -> onnx.ModelProto:
    """A small one, written as tf2onnx writes what TensorFlow Lite has, for two faces at a time."""
    random = np.random.default_rng(1)
    arrays = {
        "weights": random.normal(0, 0.01, (LENGTH, 3, SIZE, SIZE)),
        "bias": random.normal(size=LENGTH),
        "slopes": random.normal(size=(1, LENGTH, 1, 1)),
    }
    nodes = [
        helper.make_node("Transpose", ["input"], ["turned"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["turned", "weights", "bias"], ["x"]),
        helper.make_node("Relu", ["x"], ["above"]),
        helper.make_node("Abs", ["x"], ["absolute"]),
        helper.make_node("Sub", ["x", "absolute"], ["below"]),
        helper.make_node("Mul", ["below", "slopes"], ["sloping"]),
        helper.make_node("Add", ["above", "sloping"], ["y"]),
        helper.make_node("Reshape", ["y", "same"], ["z"]),
        helper.make_node("Reshape", ["z", "two"], ["embeddings"]),
    ]
    constants = [numpy_helper.from_array(np.float32(array), name) for name, array in arrays.items()]
    constants += [
        numpy_helper.from_array(np.int64(sizes), name)
        for name, sizes in (("same", [2, LENGTH, 1, 1]), ("two", [2, LENGTH]))
    ]
    graph = helper.make_graph(
        nodes,
        "two",
        [helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, [2, SIZE, SIZE, 3])],
        [helper.make_tensor_value_info("embeddings", onnx.TensorProto.FLOAT, [2, LENGTH])],
        constants,
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(proto, path)
    return proto


def test_any_number_of_faces_are_told_as_two_are(tmp_path):
    proto = network(tmp_path / "two.onnx")
    onnx.save(mobilefacenet.rewritten(proto), tmp_path / "any.onnx")
    faces = np.random.default_rng(2).uniform(0, 255, (2, SIZE, SIZE, 3)).astype(np.float32)
    (expected,) = onnxruntime.InferenceSession(tmp_path / "two.onnx").run(None, {"input": (faces - 127.5) / 128})
    session = onnxruntime.InferenceSession(tmp_path / "any.onnx")
    np.testing.assert_allclose(session.run(None, {"image": faces})[0], expected, atol=1e-4)
    np.testing.assert_allclose(session.run(None, {"image": faces[:1]})[0], expected[:1], atol=1e-4)


def test_another_package_is_refused(tmp_path):
    package = tmp_path / "other.tgz"
    with tarfile.open(package, "w:gz") as archive:
        member = tarfile.TarInfo(mobilefacenet.MEMBER)
        member.size = 4
        archive.addfile(member, io.BytesIO(b"TFL3"))
    with pytest.raises(ValueError, match=r"other\.tgz"):
        mobilefacenet.member(package)
