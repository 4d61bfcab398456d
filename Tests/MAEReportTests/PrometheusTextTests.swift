import TestSupport
import Testing

@testable import MAEReport

@Suite("Metrics as text")
struct PrometheusTextTests {
    @Test("each metric has its HELP, its TYPE and its samples, in the order given")
    func text() {
        let text = PrometheusText.render([
            MetricFamily(.gauge, "mae_run_age_seconds", "Time since this coordinator began.", 1.5),
            MetricFamily(.counter, "mae_node_results_total", "Results.", by: "node", ["b": 2, "a": 1_000_000]),
        ])
        #expect(
            text == """
                # HELP mae_run_age_seconds Time since this coordinator began.
                # TYPE mae_run_age_seconds gauge
                mae_run_age_seconds 1.5
                # HELP mae_node_results_total Results.
                # TYPE mae_node_results_total counter
                mae_node_results_total{node="a"} 1000000
                mae_node_results_total{node="b"} 2

                """)
        #expect(PrometheusSamples(text).faults == [])
    }

    @Test(
        "labels and help come back as they were, whatever they hold",
        arguments: ["a\"b", "back\\slash", "two\nlines", "\\n", "}", "ü, {x=\"1\"} 2", ""])
    func escapes(label: String) {
        let samples = PrometheusSamples(
            PrometheusText.render([MetricFamily(.gauge, "mae_nodes", "Of \(label).", by: "node", [label: 3])]))
        #expect(samples.faults == [])
        #expect(samples["mae_nodes{node=\"\(label)\"}"] == 3)
        #expect(samples.values.count == 1)
    }

    @Test("a histogram has cumulative buckets up to +Inf, a sum and a count")
    func histogram() {
        let family = MetricFamily(
            histogram: "mae_store_commit_seconds", "Time.", bounds: [0.001, 1], cumulative: [2, 5], count: 6, sum: 7.25)
        let samples = PrometheusSamples(PrometheusText.render([family]))
        #expect(samples.faults == [])
        #expect(samples.types == ["mae_store_commit_seconds": "histogram"])
        #expect(samples["mae_store_commit_seconds_bucket{le=\"0.001\"}"] == 2)
        #expect(samples["mae_store_commit_seconds_bucket{le=\"1\"}"] == 5)
        #expect(samples["mae_store_commit_seconds_bucket{le=\"+Inf\"}"] == 6)
        #expect(samples["mae_store_commit_seconds_sum"] == 7.25)
    }

    @Test("numbers that are none are written as Prometheus reads them")
    func numbers() {
        for (value, text) in [(.infinity, "+Inf"), (-.infinity, "-Inf"), (Double.nan, "NaN"), (-0.5, "-0.5"), (0, "0")]
        {
            #expect(PrometheusText.number(value) == text)
        }
        #expect(Double(PrometheusText.number(1e-7)) == 1e-7)
        #expect(Double(PrometheusText.number(1e300)) == 1e300)
    }

    @Test("a metric without samples leaves no line")
    func empty() {
        #expect(PrometheusText.render([MetricFamily(.counter, "mae_x_total", "X.", by: "cause", [:])]) == "")
    }

    @Test(
        "the checker of these tests finds what is wrong",
        arguments: [
            "mae_x 1\n", "# HELP mae_x X.\n# TYPE mae_x gauge\nmae_x 1\nmae_x 2\n",
            "# HELP mae_x X.\n# TYPE mae_x counter\nmae_x 1\n", "# HELP mae_x X.\n# TYPE mae_x gauge\nmae_x one\n",
            "# HELP mae_x X.\n# TYPE mae_x gauge\nmae_x{a=\"b} 1\n", "# HELP mae_x X.\n# TYPE mae_x gauge\nmae_x 1",
            "# HELP mae_x X.\n# TYPE mae_x histogram\nmae_x_bucket{le=\"1\"} 1\nmae_x_sum 1\nmae_x_count 1\n",
        ])
    func checker(text: String) {
        #expect(PrometheusSamples(text).faults != [])
    }
}
