import MAEDomain
import MAETensor

@testable import MAEVerify
@testable import VerifyTestSupport

extension Observation {
    /// One plausible observation, for tests that need any.
    static func example() -> Observation {
        Observation(
            node: NodeIdentity(
                name: "n1", host: "alpha", backend: "cpu", device: "AMD EPYC 9R14", isa: "avx512", threads: 2,
                numericClass: "canonical-v1", engineBuild: "1.0"),
            method: LoadingMethod(kind: .pretrained, label: "pretrained", path: "vit-mae-base"),
            batch: BatchIdentity(index: 0, seed: 42, size: 2),
            weights: WeightsObservation(digest: .of("weights")),
            configuration: [ConfigurationField(name: "hidden_size", value: "3", origin: .configJSON)],
            maskRatio: MaskRatio(0.75, from: .configJSON),
            noise: NoiseSource(policy: .shared),
            digests: StageDigests(
                input: .of("input"), noise: .of("noise"), mask: .of("mask"), order: .of("order"),
                layernorm: .of("layernorm"), returned: .of("returned"), pooled: .of("pooled")),
            pooled: Tensor(shape: [2, 3], elements: [1, 2, 3, 4, 5, 6]))
    }
}
