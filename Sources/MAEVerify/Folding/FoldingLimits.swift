/// How much of a run is judged result by result, before batches are only counted.
///
/// Reports stay small with these: a cell takes about 1.2 kB of JSON.
public struct FoldingLimits: Sendable, Hashable {
    /// Most results in batches in which all agree.
    public var agreeing = 500
    /// Most results in batches in which some disagree.
    public var disagreeing = 700
    /// Most results in batches that find no room among these, and whose results relate as those of no batch before.
    public var unlike = 200
    /// Most results in batches that find no room there either, and whose results lie further apart than those of any batch before.
    public var further = 100

    /// Most places without a result that are named.
    public static let mostMissing = 500

    /// The limits of every run.
    public init() {}
}
