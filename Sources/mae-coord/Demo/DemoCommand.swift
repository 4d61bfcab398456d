import ArgumentParser
import Foundation
import MAECommand
import MAEExplain
import MAEFiles
import MAEFormats
import MAEReport
import MAETensor

/// `mae-coord demo`: examples that run at once.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "See an answer on files that come with the program.",
        subcommands: [ThreadDemoCommand.self])
}

/// `mae-coord demo thread`: the forum thread, played and answered.
struct ThreadDemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thread",
        abstract: "Play the forum thread: one model loaded three ways gives three outputs. Name all four causes.",
        discussion: """
            The files are real: PyTorch 2.13 saved them, with a tiny model, by the thread's two scripts. They are written to \
            a temporary folder, or to the one given with --keep, and explained as `mae-coord explain` would.
            """)

    @Option(
        help: ArgumentHelp("Write the files here and keep them, to try commands on.", valueName: "dir"),
        completion: .directory)
    var keep: String?

    @OptionGroup var engineOptions: EngineArguments

    func run() throws {
        let temporary = FileManager.default.temporaryDirectory
            .appendingPathComponent("mae-thread-\(UUID().uuidString)").path
        defer { if keep == nil { try? FileManager.default.removeItem(atPath: temporary) } }
        let files = try ThreadFiles(unpackingTo: keep ?? Self.enter(temporary))
        try StandardOutput.write(
            "A model is loaded three ways: as the whole pickled model (1), from a .cpkt (2) and from a state dict (3). The same\n"
                + "images go through all three; the outputs differ, though all weights are identical. Why?\n\n")
        let explanations = try ThreadFiles.Script.allCases.map { script in
            try StandardOutput.write("\(script.title)\n\n$ \(command(script))\n\n")
            return try explain(files.request(script))
        }
        let answer = ThreadAnswer(first: explanations[0], second: explanations[1])
        let style = TerminalStyle.ofStandardOutput
        try StandardOutput.write("The four causes\n")
        for (index, cause) in answer.causes.enumerated() {
            let lines = style.wrap(cause.sentence, first: "\(index + 1). ", indent: "   ")
            try StandardOutput.write(lines.joined(separator: "\n") + (cause.isShown ? "" : " (not shown)") + "\n")
        }
        try StandardOutput.write(
            keep.map { "\nThe files are in \($0): try the commands above there.\n" }
                ?? "\nThe files are gone: mae-coord demo thread --keep DIR keeps them in a folder, where the commands above work.\n"
        )
        guard answer.causes.allSatisfy(\.isShown) else { throw ExitCode(CommandExit.internalError) }
    }

    /// Makes the folder the current one, so that what is shown names no path that is gone when it is read; what it is called there.
    private static func enter(_ folder: String) throws -> String {
        do throws(FileError) { try Folder.make(folder) } catch {
            throw CheckpointError(
                .unwritableFile, path: folder, "cannot be made: \(error.reason). \(error.remedyForWriting)")
        }
        return FileManager.default.changeCurrentDirectoryPath(folder) ? "." : folder
    }

    private func explain(_ request: ExplainRequest) throws -> Explanation {
        var request = request
        request.engine = engineOptions.options
        let text = ExplanationText(style: .ofStandardOutput)
        return try Explainer(reached: { section, explanation in
            try StandardOutput.write(text.render(section, of: explanation))
        }).explain(request)
    }

    /// The command that explains a script, as a person types it in the folder of the files.
    private func command(_ script: ThreadFiles.Script) -> String {
        let name = "\(script.rawValue)/vit_mae_from_hugging_face"
        let outputs =
            script == .first ? "\(script.rawValue)/out[123].npy" : "\(script.rawValue)/layer_outputs.pt"
        let ratio = script == .second ? "@mask_ratio=0" : ""
        return "mae-coord explain \(name).pth \(name).cpkt \(name)_statedict.pth\(ratio) \(outputs) --config vit-mae"
    }
}

extension ThreadFiles.Script {
    /// What the script does, as a heading.
    fileprivate var title: String {
        switch self {
        case .first: "The first script: mask_ratio 0.75"
        case .second: "The second script: model.config.mask_ratio = 0.0, saved as .pth; the .cpkt is from before"
        }
    }
}
