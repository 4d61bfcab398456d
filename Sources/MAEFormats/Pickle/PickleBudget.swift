/// What reading one pickle may cost, whatever its bytes say.
///
/// A pickle of a model has some thousand objects, one with a data set or a log inside has millions, and each of them takes
/// bytes of the file. So the limits grow with the file, beyond what every file may have; a small hostile file stays within a
/// few gigabytes of memory and a minute of time, and a large one within a multiple of its own size.
package struct PickleBudget: Sendable {
    /// Objects made.
    package var objects = 1 << 22
    /// Elements put on the stack, into containers and into the memo.
    package var elements = 1 << 24
    /// Bytes of text, of byte strings and of dictionary keys.
    package var bytes = 1 << 28

    /// What any file may cost.
    package init() {}

    /// What a file of `fileSize` bytes may cost.
    package init(fileSize: Int) {
        // An object that is written and kept in the memo takes three bytes at least, an element one.
        objects = max(objects, fileSize / 3)
        elements = max(elements, 2 * fileSize)
        // Byte strings and long texts are copied out of the file, keys of dictionaries and names of classes and storages one
        // time more, and bytes of protocol 2 are decoded.
        bytes = max(bytes, 4 * fileSize)
    }
}
