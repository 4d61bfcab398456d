/// What reading a file may take, by its size.
enum FileBudget {
    /// Ten times the bytes of a file, but at least `least` and at most `most`.
    static func tenfold(_ fileSize: Int, least: Int, most: Int) -> Int {
        let (product, overflow) = fileSize.multipliedReportingOverflow(by: 10)
        return min(max(least, overflow ? most : product), most)
    }
}
