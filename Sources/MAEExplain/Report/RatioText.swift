import MAECheckpoint
import MAEText
import MAEVerify

extension ViTMAEConfiguration {
    /// The mask ratio of the fewest decimals that keeps `kept` patches, computed in double precision as Python does.
    func shortestRatio(keeping kept: Int) -> Double {
        let largest = 1 - Double(kept) / Double(patchCount)
        var scale = 1.0
        for _ in 0...6 {
            let number = (largest * scale).rounded(.down)
            for candidate in [number + 1, number, number - 1] where (0..<scale).contains(candidate) {
                if keptCount(maskRatio: candidate / scale) == kept { return candidate / scale }
            }
            scale *= 10
        }
        // In the middle of those that keep as many, so that no rounding leads out of them.
        return max(0, largest - 0.5 / Double(patchCount))
    }

    /// A ratio as people read it: three digits wherever they keep as many patches.
    func text(ofRatio ratio: Double) -> String {
        let short = NumberText.short(ratio)
        guard let value = Double(short), (0...1).contains(value),
            keptCount(maskRatio: value) == keptCount(maskRatio: ratio)
        else { return "\(ratio)" }
        return short
    }
}
