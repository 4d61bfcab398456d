import MAECheckpoint
import MAEContent
import MAEFiles
import MAEVerify

extension RunPlan {
    /// The folders that this machine reads the checkpoints, configurations and images of the run from, links followed.
    var modelFolders: [String] {
        let paths = methods.flatMap { [$0.path, $0.configPath] } + [images?.path]
        var folders: [String] = []
        for folder in paths.compactMap(\.self).flatMap(Self.folders(of:)) where !folders.contains(folder) {
            folders.append(folder)
        }
        return folders
    }

    private static func folders(of path: String) -> [String] {
        // What is read for it may be elsewhere: a snapshot of a hub cache.
        let places = [HubCache.default.folder(ofModel: path) ?? path, (try? FileListing(checkpoint: path))?.path]
        return places.compactMap(\.self).flatMap { place in
            let folder = folder(around: place)
            let linked = FileSystem.links(in: folder).compactMap { FileSystem.place(of: $0.destination) }
            return [folder] + linked.map(Self.folder(around:))
        }
    }

    private static func folder(around path: String) -> String {
        FileSystem.isDirectory(path) ? path : FileSystem.split(path).folder
    }
}
