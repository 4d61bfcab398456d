/// What `mae-bench soak --json` prints.
///
/// Other programs read these fields: more may come, none is renamed.
struct SoakReport: Encodable {
    let agrees: Bool
    let device, isa: String
    let batch_size: Int
    let mask_ratio: Double
    /// From the first pass to the last answer.
    let seconds: Double
    let passes: Int
    /// How often the known questions were asked.
    let answers_asked: Int
    let images_per_second: Double
    /// What was wrong.
    let reason: String?

    /// The report as a person reads it.
    var text: String {
        "\(device), \(isa): \(passes) passes of batch \(batch_size) at mask ratio \(mask_ratio) in "
            + "\(seconds.formatted(decimals: 1)) s, \(images_per_second.formatted(decimals: 1)) images/s, known answers asked "
            + "\(answers_asked) times: " + (reason ?? "all the same bits")
    }
}
