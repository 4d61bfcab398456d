import MAEReport
import MAEText
import Mustache

/// The template of a page, `series.mustache`, which travels in the program.
struct PageTemplate {
    private let template: MustacheTemplate

    /// Every text is made safe as in the other reports: characters that reorder or hide text are taken out too.
    private struct SafeContent: MustacheContentType {
        func escapeText(_ text: String) -> String { SafeText.markup(text) }
    }

    /// Throws where the template is none, which is a fault of this program.
    init() throws {
        MustacheContentTypes.register(SafeContent(), named: "MAE")
        template = try MustacheTemplate(string: String(decoding: PackageResources.series_mustache, as: UTF8.self))
    }

    /// The page as HTML.
    func render(_ page: SeriesPage) -> String {
        HTMLPage.render(title: page.title, parts: [template.render(page)], style: HistoryStyle.sheet)
    }
}
