/// One key of the plan of a night, and the flag that says the same on the command line.
public struct NightSetting: Sendable {
    /// What a value has to be.
    enum Kind: Sendable {
        /// The name of the plan, which begins the names of its runs.
        case name
        /// Any text.
        case text
        /// The address of a web page.
        case address
        /// A file or folder that is read, or a folder that is kept.
        case path
        /// A file that is written, with placeholders.
        case output
        /// A whole number.
        case count(ClosedRange<Int>)
        /// A seed as `torch.manual_seed` takes it.
        case seed
        /// A number above the first bound, up to the second.
        case number(above: Double, upTo: Double)
        /// A number from 0 on, finite.
        case tolerance
        /// A number from 0 to below 1.
        case fraction
        /// Yes or no; the flag stands for one of both.
        case yesOrNo(flagMeans: Bool)
        /// Names of nodes.
        case nodes
        /// Ways of loading, each with a path.
        case methods
        /// Where the noise comes from.
        case noise
    }

    /// The key in the plan.
    public let key: String
    /// The option of `verify` that takes the value; of `nightly` itself where that is ``isOfNight``.
    public let flag: String
    let kind: Kind
    /// What it is for, in one sentence or two.
    public let help: String
    /// A value, as YAML, for the example; where it has lines, they follow the key.
    let example: String
    /// Whether the example sets it, or only shows it.
    let isSetInExample: Bool
    /// Whether a plan has to have it.
    let isRequired: Bool
    /// Whether it is of the night as a whole and not of `verify`.
    public let isOfNight: Bool

    init(
        _ key: String, _ kind: Kind, flag: String? = nil, _ help: String, example: String, isSet: Bool = false,
        isRequired: Bool = false, isOfNight: Bool = false
    ) {
        self.key = key
        self.flag = flag ?? "--" + key.replacing("_", with: "-")
        (self.kind, self.help, self.example) = (kind, help, example)
        (isSetInExample, self.isRequired, self.isOfNight) = (isSet, isRequired, isOfNight)
    }

    /// The flag, and the one that takes it back where there is one.
    var flags: Set<String> {
        flag.hasPrefix("--no-") ? [flag, "--" + flag.dropFirst("--no-".count)] : [flag]
    }
}
