//! Metrics in the two text forms that Prometheus reads: the text exposition format 0.0.4, and OpenMetrics 1.0.
//!
//! The forms differ in few places: OpenMetrics names a counter without its `_total`, tells units, knows `info`, and ends with
//! `# EOF`. Libraries write one of the two; this writes both from the same families.

use std::fmt::Write as _;
use std::time::Duration;

use crate::{Code, Durations};

/// Which of the forms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// The text exposition format 0.0.4.
    #[default]
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Form {
    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The form that an `Accept` header prefers. Scrapers name what they read with weights; whoever names nothing reads text.
    pub fn accepted(accept: &str) -> Self {
        let weight = |media: &str| {
            let mut ranges = accept.split(',').map(str::trim);
            let range =
                ranges.find(|range| range.split(';').next().is_some_and(|name| name.trim() == media))?;
            let mut parameters = range.split(';').map(str::trim);
            let weight = parameters.find_map(|parameter| parameter.strip_prefix("q="));
            Some(weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
        };
        let open: f64 = weight("application/openmetrics-text").unwrap_or(0.0);
        let text = weight("text/plain").unwrap_or(0.0);
        if open > 0.0 && open >= text {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }
}

/// What a family's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number that only grows.
    Counter,
    /// A number at this moment.
    Gauge,
    /// Durations in buckets.
    Histogram,
    /// Labels that say what something is.
    Info,
}

impl Kind {
    fn named(self, form: Form) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info if form == Form::OpenMetrics => "info",
            Self::Info => "gauge",
        }
    }

    /// What its samples' names end with.
    fn ending(self) -> &'static str {
        match self {
            Self::Counter => "_total",
            Self::Info => "_info",
            Self::Gauge | Self::Histogram => "",
        }
    }
}

/// A metric: its name without the endings that its kind brings, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The name, which ends with the unit.
    pub name: &'static str,
    /// What its samples are.
    pub kind: Kind,
    /// The unit: `seconds`, `bytes`.
    pub unit: Option<&'static str>,
    /// What it means.
    pub help: &'static str,
}

impl Family {
    /// The name that its samples have, before what histograms add.
    pub fn sample_name(&self) -> String {
        format!("{}{}", self.name, self.kind.ending())
    }
}

/// Labels of a sample.
type Labels<'a> = &'a [(&'a str, &'a str)];

/// A page of metrics that is being written.
#[derive(Debug)]
pub struct Exposition {
    form: Form,
    text: String,
}

impl Exposition {
    /// An empty one.
    pub fn new(form: Form) -> Self {
        Self {
            form,
            text: String::new(),
        }
    }

    /// Writes a family with one number for each set of labels. A family without samples is left out.
    pub fn numbers<'a>(
        &mut self,
        family: &Family,
        samples: impl IntoIterator<Item = (Vec<(&'a str, &'a str)>, f64)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        self.head(family);
        for (labels, value) in samples {
            self.sample((family.name, family.kind.ending()), &labels, None, value);
        }
    }

    /// Writes a family with one number.
    pub fn number(&mut self, family: &Family, value: f64) {
        self.numbers(family, [(Vec::new(), value)]);
    }

    /// Writes a family with durations for each set of labels.
    pub fn durations<'a>(
        &mut self,
        family: &Family,
        samples: impl IntoIterator<Item = (Vec<(&'a str, &'a str)>, &'a Durations)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        self.head(family);
        for (labels, durations) in samples {
            for (edge, count) in durations.cumulative() {
                let edge = format!("{:?}", edge.as_secs_f64());
                self.sample((family.name, "_bucket"), &labels, Some(&edge), float(count));
            }
            let count = float(durations.count());
            self.sample((family.name, "_bucket"), &labels, Some("+Inf"), count);
            self.sample((family.name, "_sum"), &labels, None, seconds(durations.sum()));
            self.sample((family.name, "_count"), &labels, None, count);
        }
    }

    /// The whole page.
    pub fn finish(mut self) -> String {
        if self.form == Form::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }

    fn head(&mut self, family: &Family) {
        let name = match self.form {
            Form::OpenMetrics => family.name.to_owned(),
            Form::Text => family.sample_name(),
        };
        let kind = family.kind.named(self.form);
        let help = escaped(family.help, self.form == Form::OpenMetrics);
        // Writing into a `String` does not fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        if let Some(unit) = family.unit.filter(|_| self.form == Form::OpenMetrics) {
            let _ = writeln!(self.text, "# UNIT {name} {unit}");
        }
    }

    fn sample(&mut self, (name, ending): (&str, &str), labels: Labels<'_>, edge: Option<&str>, value: f64) {
        let text = &mut self.text;
        text.push_str(name);
        text.push_str(ending);
        let edge = edge.map(|edge| ("le", edge));
        let mut all = labels.iter().copied().chain(edge).peekable();
        if all.peek().is_some() {
            let written = all.map(|(label, value)| format!("{label}=\"{}\"", escaped(value, true)));
            let _ = write!(text, "{{{}}}", written.collect::<Vec<_>>().join(","));
        }
        let _ = writeln!(text, " {value}");
    }
}

/// A text within its quotes, or on its line.
fn escaped(text: &str, quotes: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    match quotes {
        true => text.replace('"', "\\\""),
        false => text,
    }
}

impl Code {
    /// As a label says it: `200`, `none`, `other`.
    pub fn label(self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::NoAnswer => "none".to_owned(),
            Self::Other => "other".to_owned(),
        }
    }
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

/// Prometheus counts in floating point.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const REQUESTS: Family = Family {
        name: "spacewatch_requests",
        kind: Kind::Counter,
        unit: None,
        help: "Requests,\nwith a \\ and a \".",
    };
    const TOOK: Family = Family {
        name: "spacewatch_took_seconds",
        kind: Kind::Histogram,
        unit: Some("seconds"),
        help: "How long they took.",
    };
    const BUILD: Family = Family {
        name: "spacewatch_build",
        kind: Kind::Info,
        unit: None,
        help: "What runs.",
    };

    fn check(form: Form, expected: Expect) {
        let mut durations = Durations::default();
        durations.add(Duration::from_millis(3));
        durations.add(Duration::from_secs(300));
        let mut page = Exposition::new(form);
        page.numbers(
            &REQUESTS,
            [(vec![("route", "/a\"b\\c\nd"), ("code", "200")], 3.0)],
        );
        page.numbers(&BUILD, [(vec![("version", "1.0")], 1.0)]);
        page.durations(&TOOK, [(Vec::new(), &durations)]);
        page.numbers(&REQUESTS, Vec::new());
        expected.assert_eq(&page.finish());
    }

    #[test]
    fn text() {
        check(
            Form::Text,
            expect![[r##"
            # HELP spacewatch_requests_total Requests,\nwith a \\ and a ".
            # TYPE spacewatch_requests_total counter
            spacewatch_requests_total{route="/a\"b\\c\nd",code="200"} 3
            # HELP spacewatch_build_info What runs.
            # TYPE spacewatch_build_info gauge
            spacewatch_build_info{version="1.0"} 1
            # HELP spacewatch_took_seconds How long they took.
            # TYPE spacewatch_took_seconds histogram
            spacewatch_took_seconds_bucket{le="0.001"} 0
            spacewatch_took_seconds_bucket{le="0.0025"} 0
            spacewatch_took_seconds_bucket{le="0.005"} 1
            spacewatch_took_seconds_bucket{le="0.01"} 1
            spacewatch_took_seconds_bucket{le="0.025"} 1
            spacewatch_took_seconds_bucket{le="0.05"} 1
            spacewatch_took_seconds_bucket{le="0.1"} 1
            spacewatch_took_seconds_bucket{le="0.25"} 1
            spacewatch_took_seconds_bucket{le="0.5"} 1
            spacewatch_took_seconds_bucket{le="1.0"} 1
            spacewatch_took_seconds_bucket{le="2.5"} 1
            spacewatch_took_seconds_bucket{le="5.0"} 1
            spacewatch_took_seconds_bucket{le="10.0"} 1
            spacewatch_took_seconds_bucket{le="30.0"} 1
            spacewatch_took_seconds_bucket{le="120.0"} 1
            spacewatch_took_seconds_bucket{le="+Inf"} 2
            spacewatch_took_seconds_sum 300.003
            spacewatch_took_seconds_count 2
        "##]],
        );
    }

    #[test]
    fn open_metrics() {
        check(
            Form::OpenMetrics,
            expect![[r##"
            # HELP spacewatch_requests Requests,\nwith a \\ and a \".
            # TYPE spacewatch_requests counter
            spacewatch_requests_total{route="/a\"b\\c\nd",code="200"} 3
            # HELP spacewatch_build What runs.
            # TYPE spacewatch_build info
            spacewatch_build_info{version="1.0"} 1
            # HELP spacewatch_took_seconds How long they took.
            # TYPE spacewatch_took_seconds histogram
            # UNIT spacewatch_took_seconds seconds
            spacewatch_took_seconds_bucket{le="0.001"} 0
            spacewatch_took_seconds_bucket{le="0.0025"} 0
            spacewatch_took_seconds_bucket{le="0.005"} 1
            spacewatch_took_seconds_bucket{le="0.01"} 1
            spacewatch_took_seconds_bucket{le="0.025"} 1
            spacewatch_took_seconds_bucket{le="0.05"} 1
            spacewatch_took_seconds_bucket{le="0.1"} 1
            spacewatch_took_seconds_bucket{le="0.25"} 1
            spacewatch_took_seconds_bucket{le="0.5"} 1
            spacewatch_took_seconds_bucket{le="1.0"} 1
            spacewatch_took_seconds_bucket{le="2.5"} 1
            spacewatch_took_seconds_bucket{le="5.0"} 1
            spacewatch_took_seconds_bucket{le="10.0"} 1
            spacewatch_took_seconds_bucket{le="30.0"} 1
            spacewatch_took_seconds_bucket{le="120.0"} 1
            spacewatch_took_seconds_bucket{le="+Inf"} 2
            spacewatch_took_seconds_sum 300.003
            spacewatch_took_seconds_count 2
            # EOF
        "##]],
        );
    }

    #[test]
    fn the_scraper_chooses() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, form) in [
            (prometheus, Form::OpenMetrics),
            ("", Form::Text),
            ("*/*", Form::Text),
            ("text/plain;version=0.0.4", Form::Text),
            ("text/plain, application/openmetrics-text;q=0.1", Form::Text),
            ("application/openmetrics-text; q=0", Form::Text),
        ] {
            assert_eq!(Form::accepted(accept), form, "{accept}");
        }
    }
}
