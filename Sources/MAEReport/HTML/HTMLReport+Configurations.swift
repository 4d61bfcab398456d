import MAEText
import MAEVerify

extension HTMLReport {
    /// Every value that the methods computed with, and where it came from.
    static func configurations(_ comparison: Comparison) -> String {
        let all = ConfigurationInEffect.all(in: comparison)
        guard !all.isEmpty else { return "" }
        let parted = Dictionary(grouping: all, by: \.method).filter { $0.value.count > 1 }
        let rows = all.flatMap { configuration in
            let nodes = NumberText.list(configuration.nodes)
            let who = configuration.method + (parted[configuration.method] == nil ? "" : " on \(nodes)")
            return configuration.fields.map { [who, $0.name, $0.value, $0.originWords] }
        }
        return """
            <section>
            <details><summary>Configuration</summary>
            <div class="wide tall">\(table(["method", "name", "value", "from"], rows))</div>
            </details>
            </section>
            """
    }
}
