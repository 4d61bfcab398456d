import Glibc

/// Overwrites memory that held a secret; unlike plain stores, the compiler does not leave this out.
package func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    if let start = memory.baseAddress { explicit_bzero(start, memory.count) }
}
