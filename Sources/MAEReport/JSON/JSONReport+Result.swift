import MAEDomain
import MAEVerify

extension JSONReport {
    /// What a result says, without what became of it.
    struct ResultFields: Encodable {
        var node, method: String
        var batch: Int
        var seed: UInt64
        var maskRatio: Double
        var maskRatioFrom: String
        var noisePolicy: String
        var noiseDraw: Int
        var weightsSha256, inputSha256, noiseSha256, maskSha256, idsRestoreSha256: String
        var layernormSha256, returnedSha256, pooledSha256: String
        var seconds: Seconds

        init(_ cell: Observation) {
            (node, method, batch, seed) = (cell.node.name, cell.method.label, cell.batch.index, cell.batch.seed)
            (maskRatio, maskRatioFrom) = (cell.maskRatio.value, cell.maskRatio.origin.rawValue)
            (noisePolicy, noiseDraw) = (cell.noise.policy.rawValue, cell.noise.draw)
            weightsSha256 = "\(cell.weights.digest)"
            (inputSha256, noiseSha256) = ("\(cell.digests.input)", "\(cell.digests.noise)")
            (maskSha256, idsRestoreSha256) = ("\(cell.digests.mask)", "\(cell.digests.order)")
            (layernormSha256, returnedSha256) = ("\(cell.digests.layernorm)", "\(cell.digests.returned)")
            pooledSha256 = "\(cell.digests.pooled)"
            seconds = Seconds(cell.seconds)
        }

        struct Seconds: Encodable {
            var load, input, forward: Double

            init(_ seconds: StageSeconds) { (load, input, forward) = (seconds.load, seconds.input, seconds.forward) }
        }
    }
}
