import Foundation
import MAEDomain
import MAETensor
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("Observations as JSON")
struct ObservationCodingTests {
    @Test("an observation with NaN, infinity and -0 in its vectors survives JSON bit for bit")
    func roundTrip() throws {
        var observation = Observation.example()
        observation.pooled = Tensor(shape: [2, 3], elements: [.nan, -0.0, .infinity, 1e-45, -3.25, 7])
        observation.keptPatches = [[0, 2], [1, 3]]
        observation.layers = [LayerDigest(name: "vit.layers.0", digest: .of("layer"))]
        let data = try JSONEncoder().encode(observation)
        let copy = try JSONDecoder().decode(Observation.self, from: data)
        #expect(copy == observation)
        #expect(copy.pooled.elements[1].sign == .minus)
    }

    @Test(
        "a tensor whose bytes do not fill its shape is refused",
        arguments: [
            #"{"shape":[2],"fp32_little_endian":"AAAAAA=="}"#,
            #"{"shape":[-1],"fp32_little_endian":""}"#,
            #"{"shape":[4611686018427387904,4],"fp32_little_endian":""}"#,
            #"{"shape":[1],"fp32_little_endian":"AAAAAAA="}"#,
        ])
    func refusesBytes(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Tensor.self, from: Data(json.utf8)) }
    }

    @Test("a digest that is not 64 hexadecimal digits is refused")
    func refusesDigest() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([SHA256Digest].self, from: Data(#"["ab"]"#.utf8))
        }
    }
}
