import Foundation
import MAEFiles
import MAEText
import Yams

extension NightPlan {
    /// Far more than all keys with their comments take.
    private static let mostBytes = 1 << 18

    /// Reads the plan in the file at `path`, and checks all of it.
    ///
    /// - Throws: everything that is wrong with it.
    public init(reading path: String) throws(NightPlanError) {
        let root = try Self.root(of: path)
        guard case .mapping(let mapping) = root else {
            throw NightPlanError(path, [.init(line: root.mark?.line, key: nil, "a plan is made of lines `key: value`")])
        }
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        let values = NightValue.Reader(folder: FileSystem.split(absolute).folder)
        var problems: [NightPlanError.Problem] = []
        var entries: [Entry] = []
        for (key, value) in mapping {
            let line = key.mark?.line ?? 1
            let name = key.scalar?.string ?? ""
            guard let setting = NightSetting.all.first(where: { $0.key == name }) else {
                let advice = NearestWord.advice(name, among: NightSetting.all.map(\.key))
                problems.append(.init(line: line, key: name.isEmpty ? nil : name, "a plan has no such key\(advice)"))
                continue
            }
            do throws(NightValue.Faults) {
                entries.append(Entry(setting: setting, line: line, parts: try values.parts(value, for: setting)))
            } catch {
                problems += error.all.map { .init(line: $0.line ?? line, key: name, $0.message) }
            }
        }
        let known = Set(mapping.keys.compactMap(\.scalar?.string))
        for setting in NightSetting.all where setting.isRequired && !known.contains(setting.key) {
            problems.append(.init(line: nil, key: setting.key, "is missing: \(setting.help)"))
        }
        func value(_ key: String) -> String? { entries.first { $0.setting.key == key }?.words.last }
        guard problems.isEmpty, let name = value("name") else { throw NightPlanError(path, problems) }
        self.init(
            path: path, name: name, keep: value("keep").flatMap(Int.init), history: value("history"), entries: entries)
    }

    private static func root(of path: String) throws(NightPlanError) -> Node {
        func fault(_ line: Int?, _ message: String) -> NightPlanError {
            NightPlanError(path, [.init(line: line, key: nil, message)])
        }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try RegularFile(path).bytes(limit: mostBytes)
        } catch { throw fault(nil, "this plan cannot be read: \(error.reason)") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw fault(nil, "this plan is no text in UTF-8")
        }
        do {
            guard let root = try Yams.compose(yaml: text) else {
                throw fault(nil, "this plan is empty: mae-coord nightly --example prints one to begin with")
            }
            return root
        } catch let error as NightPlanError {
            throw error
        } catch {
            switch error as? YamlError {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw fault(mark.line, "this is no YAML: \(problem), at column \(mark.column)")
            case .duplicatedKeysInMapping(let keys, let context):
                throw fault(context.mark.line, "\(NumberText.list(keys)): this key is there more than once")
            case .reader(let problem, _, _, _): throw fault(nil, "this is no YAML: \(problem)")
            default: throw fault(nil, "this is no YAML")
            }
        }
    }
}
