import Foundation
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

/// Files that PyTorch wrote, by `Tests/Reference/make_stored.py`.
@Suite("Forms of tensors that are not read")
struct UnreadFormTests {
    private static func path(_ name: String) -> String { Goldens.path("stored/\(name)") }

    @Test(
        "what is not read is named as it is stored, with the way to mend it",
        arguments: [
            ("sparse.pth", "_rebuild_sparse_tensor", "to_dense()"),
            ("sparse-csr.pth", "_rebuild_sparse", "to_dense()"),
            ("meta.pth", "_rebuild_meta_tensor_no_storage", "meta device"),
            ("quantized.pth", "_rebuild_qtensor", "before quantization"),
            ("quantized-channels.pth", "_rebuild_qtensor", "before quantization"),
            ("complex.pth", "_rebuild_tensor_v2", "tensor.real.clone()"),
            ("complex.safetensors", "dtype C64", "float dtype"),
            ("float8-e8m0.pth", "float8_e8m0fnu", "tensor.float()"),
            ("int8.pth", "holds int8", "before quantization"),
            ("zero3.pth", "has no elements", "zero_to_fp32.py"),
            ("nested.pth", "nested", "dense"),
            ("nf4.pth", "bitsandbytes", "dequantize"),
            ("int8-bitsandbytes.pth", "bitsandbytes", "dequantize"),
            ("dynamic.pth", "torch.ao", "dequantize"),
            ("dtensor.pth", "DTensor", "if hasattr(tensor, 'full_tensor') else tensor"),
            ("sharded-tensor.pth", "ShardedTensor", "FULL_STATE_DICT"),
            ("spectral-norm.pth", "They are parametrized weights", "remove_spectral_norm"),
        ])
    func refuses(name: String, form: String, remedy: String) throws {
        let error = #expect(throws: CheckpointError.self) { try ModelCheckpoint.open(Self.path(name)) }
        #expect(error?.code == .unsupportedFormat)
        let text = error?.description ?? ""
        #expect(text.contains("vit.encoder.layer.0.attention.attention.query"), "\(text)")
        #expect(text.localizedCaseInsensitiveContains(form), "\(text)")
        #expect(text.localizedCaseInsensitiveContains(remedy), "\(text)")
    }

    @Test("the joined parameters of FSDP are named, at any depth")
    func refusesFlatParameters() {
        let error = #expect(throws: CheckpointError.self) { try ModelCheckpoint.open(Self.path("flat-parameter.pth")) }
        #expect(error?.code == .unsupportedFormat && error?.place == "tensor _flat_param")
        #expect(error?.message.contains("FULL_STATE_DICT") == true)
    }

    @Test("what torch.save leaves when the model cannot be pickled is named, with what can be")
    func refusesUnfinished() {
        let error = #expect(throws: CheckpointError.self) { try ModelCheckpoint.open(Self.path("unfinished.pth")) }
        #expect(error?.message.contains("fails before the model is written") == true)
        #expect(error?.message.contains("torch.save(model.state_dict(), FILE)") == true)
    }
}
