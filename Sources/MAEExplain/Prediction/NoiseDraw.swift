/// Where the noise of a forward call came from.
public enum NoiseDraw: Sendable, Hashable {
    /// The call of this number after the images were drawn, counted from 0.
    case call(Int)
    /// The first `torch.rand` after `torch.manual_seed` with this seed, set before the call.
    case seed(UInt64)

    /// The draw, in a few words.
    var words: String {
        switch self {
        case .call(let number): "draw \(number)"
        case .seed(let seed): "the first draw after torch.manual_seed(\(seed))"
        }
    }
}
