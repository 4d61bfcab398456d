import MAEFiles
import MAEFormats
import MAEText

extension ModelCheckpoint {
    /// Findings about files beside this checkpoint that could be loaded in its place and hold something else.
    ///
    /// A hub directory may hold its weights in two forms; a file may have the same name as another up to the extension, and
    /// is opened only where its size is like this one's.
    /// What beside it cannot be read is no checkpoint and is passed over.
    func neighborFindings(option: ConfigurationSource?) -> [CheckpointFinding] {
        method == .pretrained ? competingWeights() : differentSiblings(option: option)
    }

    private func competingWeights() -> [CheckpointFinding] {
        guard let alternatives = try? HubDirectory.alternatives(in: path) else { return [] }
        let used =
            files.first { $0.path != path + "/" + HubDirectory.configurationName }
            .map { FileSystem.split($0.path).name } ?? path
        return alternatives.compactMap { name, raw in
            let location = CheckpointLocation(path: path, place: name)
            let other: ModelCheckpoint
            do throws(CheckpointError) {
                // The directory has one configuration, whichever form of the weights is taken.
                other = try ModelCheckpoint(raw, option: configurationSource)
                try other.verifyChecksums()
            } catch {
                return CheckpointFinding(
                    .competingWeights, .warning, at: location,
                    "lies beside \(used), which was read, and is no whole checkpoint of this model: \(error.message)")
            }
            guard let difference = try? ModelDifference(self, other), !difference.isEmpty else { return nil }
            return CheckpointFinding(
                .competingWeights, .warning, at: location,
                "lies beside \(used) and holds other weights: \(difference.summary(used, name)). "
                    + "\(used) was read, as transformers does; remove the one that is "
                    + (difference.rounding == nil ? "out of date." : "not wanted."))
        }
    }

    private func differentSiblings(option: ConfigurationSource?) -> [CheckpointFinding] {
        let (folder, name) = FileSystem.split(path)
        let stem = FileSystem.stem(of: name)
        guard !stem.isEmpty else { return [] }
        let alike = FileSystem.names(in: folder).lazy.filter { sibling in
            sibling != name && FileSystem.stem(of: sibling) == stem
                && FileSystem.size(ofFile: folder + "/" + sibling).map(isComparable) == true
        }
        return alike.prefix(Self.mostSiblings).compactMap { sibling in
            let siblingPath = folder + "/" + sibling
            // Not every file of the same stem is a checkpoint: a log, a picture, a plan.
            // The same one of several models, where the other file has it too.
            let named = key.isEmpty ? nil : try? RawCheckpoint.read(siblingPath, method: .automatic, key: key)
            guard let raw = try? named ?? RawCheckpoint.read(siblingPath, method: .automatic),
                let other = try? ModelCheckpoint(
                    raw, option: raw.configuration == nil ? option ?? configurationSource : nil),
                (try? other.verifyChecksums()) != nil,
                let difference = try? ModelDifference(self, other), !difference.isEmpty
            else { return nil }
            return siblingFinding(name, sibling, difference.summary(name, sibling))
        }
    }

    /// Most files of the same stem that are read.
    private static let mostSiblings = 4
    /// By how much the larger of two files that could be mistaken for each other may be larger: fp64 to fp16, or with the
    /// moments of an optimizer.
    private static let largestRatio = 4

    /// Whether a file of `size` bytes could be mistaken for this checkpoint; others are not opened, whatever is in them.
    private func isComparable(_ size: Int) -> Bool {
        let own = files.reduce(0) { $0 + $1.size }
        return size / Self.largestRatio <= own && own / Self.largestRatio <= size
    }

    private func siblingFinding(_ name: String, _ sibling: String, _ summary: String) -> CheckpointFinding {
        let folder = FileSystem.split(path).folder
        let times = [path, folder + "/" + sibling].map(FileSystem.modificationTime)
        var verb = "is not the file saved as \(name)"
        var advice = ""
        if let own = times[0], let other = times[1], other - own >= 1 {
            verb = "was written \(AgeText.words(other - own)) after \(name) and holds something else"
            advice = " If it is what was saved last, \(name) is out of date."
        }
        return CheckpointFinding(
            .differentSibling, .warning, at: CheckpointLocation(path: path, place: sibling),
            "\(verb): \(summary).\(advice) Check the extension wherever one of them is loaded.")
    }

    /// The configuration of this checkpoint, to read with it weights that carry none.
    var configurationSource: ConfigurationSource {
        ConfigurationSource(
            path: path, origin: .option(path: path),
            members: ConfigurationKey.allCases.map {
                JSONMember(key: $0.rawValue, value: configuration.values[$0])
            }, maskRatioArithmetic: configuration.values.maskRatioArithmetic)
    }
}
