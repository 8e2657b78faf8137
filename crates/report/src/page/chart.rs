//! Bars over time.

use std::collections::BTreeMap;
use std::fmt::Write;

use spacewatch_model::Timestamp;

use super::text::{Bytes, Count, Short};
use crate::report::{Slot, class_text};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// More bars than this can't be told apart.
const MOST_BARS: i64 = 400;

/// Days under the bars.
const MOST_MARKS: i64 = 8;

/// What the bars show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bars {
    /// Requests, by the first digit of their status.
    Requests,
    /// Bytes sent.
    Bytes,
}

/// One bar.
#[derive(Debug, Clone, Copy, Default)]
struct Bar {
    requests: u64,
    bytes: u64,
    classes: [u64; 6],
}

/// Hours, days or as many days as it takes, from a first moment on.
struct Scale {
    first: i64,
    step: i64,
    bars: i64,
}

impl Scale {
    fn of(slots: &[Slot]) -> Option<Self> {
        let (first, last) = (slots.first()?.unix_seconds, slots.last()?.unix_seconds);
        let mut step = HOUR;
        loop {
            let begin = first.div_euclid(step).saturating_mul(step);
            let bars = last.saturating_sub(begin) / step + 1;
            if bars <= MOST_BARS {
                return Some(Self {
                    first: begin,
                    step,
                    bars,
                });
            }
            step = if step < DAY { DAY } else { step.saturating_mul(2) };
        }
    }

    fn name(&self) -> String {
        match self.step {
            HOUR => "by hour".to_owned(),
            DAY => "by day".to_owned(),
            step => format!("by {} days", step / DAY),
        }
    }
}

/// A panel with bars; nothing without anything to show.
pub(super) fn over_time(out: &mut String, title: &str, slots: &[Slot], what: Bars) {
    let Some(scale) = Scale::of(slots) else {
        return;
    };
    let mut bars: BTreeMap<i64, Bar> = BTreeMap::new();
    for slot in slots {
        let bar = bars
            .entry(slot.unix_seconds.saturating_sub(scale.first) / scale.step)
            .or_default();
        bar.requests += slot.requests;
        bar.bytes = bar.bytes.saturating_add(slot.bytes_sent);
        for (sum, more) in bar.classes.iter_mut().zip(slot.by_class) {
            *sum += more;
        }
    }
    let height = |bar: &Bar| match what {
        Bars::Requests => bar.requests,
        Bars::Bytes => bar.bytes,
    };
    let top = ceiling(bars.values().map(height).max().unwrap_or(0), what);
    let _ = write!(
        out,
        "<section class=\"panel\">\n<div class=\"head\"><h3>{title} <span class=\"soft\">{}</span></h3>",
        scale.name()
    );
    if what == Bars::Requests {
        legend(out, &bars);
    }
    let [full, half] = [top, top / 2].map(|value| match what {
        Bars::Requests => Short(value).to_string(),
        Bars::Bytes => Bytes(value).to_string(),
    });
    let _ = writeln!(
        out,
        "</div>\n<div class=\"chart\">\n<div class=\"scale\"><span>{full}</span><span>{half}</span><span>0</span></div>\n\
         <div class=\"plot\"><svg viewBox=\"0 0 {} 1000\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{title} {}\">",
        scale.bars * 10,
        scale.name(),
    );
    for (at, bar) in &bars {
        draw(out, &scale, *at, bar, (what, top));
    }
    out.push_str("</svg></div>\n<div class=\"days\">");
    marks(out, &scale);
    out.push_str("</div>\n</div>\n</section>\n");
}

fn legend(out: &mut String, bars: &BTreeMap<i64, Bar>) {
    out.push_str("<div class=\"legend\">");
    for class in 0..6 {
        let sum: u64 = bars.values().filter_map(|bar| bar.classes.get(class)).sum();
        if sum > 0 {
            let _ = write!(
                out,
                "<span><i class=\"c{class}\"></i>{}</span>",
                class_name(class)
            );
        }
    }
    out.push_str("</div>");
}

/// A class of statuses in words.
pub(super) fn class_name(class: usize) -> &'static str {
    match class {
        2 => "2xx success",
        3 => "3xx elsewhere",
        4 => "4xx client error",
        5 => "5xx server error",
        other => class_text(other),
    }
}

fn draw(out: &mut String, scale: &Scale, at: i64, bar: &Bar, (what, top): (Bars, u64)) {
    let begin = scale.first.saturating_add(at.saturating_mul(scale.step));
    let _ = write!(
        out,
        "<g><title>{}: {} requests, {}",
        label(
            begin,
            if scale.step < DAY {
                "%b %-d, %H:00"
            } else {
                "%b %-d, %Y"
            }
        ),
        Count(bar.requests),
        Bytes(bar.bytes)
    );
    for class in [4, 5] {
        let count = bar.classes.get(class).copied().unwrap_or(0);
        if count > 0 {
            let _ = write!(out, ", {} × {}", Count(count), class_text(class));
        }
    }
    out.push_str("</title>");
    // The errors stand at the bottom, where their heights can be compared.
    let parts: Vec<(&str, u64)> = match what {
        Bars::Bytes => vec![("cb", bar.bytes)],
        Bars::Requests => [("c5", 5), ("c4", 4), ("c2", 2), ("c3", 3), ("c1", 1), ("c0", 0)]
            .map(|(name, class)| (name, bar.classes.get(class).copied().unwrap_or(0)))
            .to_vec(),
    };
    let mut below = 0.0;
    for (name, value) in parts.into_iter().filter(|(_, value)| *value > 0) {
        let height = value as f64 * 1000.0 / top.max(1) as f64;
        let y = 1000.0 - below - height;
        let _ = write!(
            out,
            "<rect class=\"{name}\" x=\"{}\" y=\"{y:.1}\" width=\"8\" height=\"{height:.1}\"/>",
            at * 10 + 1
        );
        below += height;
    }
    out.push_str("</g>\n");
}

/// Days under the bars, not too many.
fn marks(out: &mut String, scale: &Scale) {
    let end = scale.first.saturating_add(scale.bars.saturating_mul(scale.step));
    let whole = end.saturating_sub(scale.first).max(1);
    let by_hour = whole <= 2 * DAY;
    let unit = if by_hour { HOUR } else { DAY };
    let day = if whole > 300 * DAY { "%b %-d, %Y" } else { "%b %-d" };
    let every = unit.saturating_mul((whole / unit).div_euclid(MOST_MARKS) + 1);
    let mut mark = scale.first.div_euclid(every).saturating_mul(every);
    while mark < end {
        let left = mark.saturating_sub(scale.first) as f64 * 100.0 / whole as f64;
        // A mark at the very end would stick out.
        if (0.0..=95.0).contains(&left) {
            let text = label(mark, if by_hour { "%b %-d, %H:00" } else { day });
            let _ = write!(out, "<span style=\"left:{left:.3}%\">{text}</span>");
        }
        mark = mark.saturating_add(every);
    }
}

fn label(second: i64, format: &str) -> String {
    Timestamp::from_second(second).map_or_else(|_| String::new(), |time| time.strftime(format).to_string())
}

/// The next round number: 1, 2 or 5 and zeros, of units where there are some.
fn ceiling(value: u64, what: Bars) -> u64 {
    let mut unit = 1_u64;
    if what == Bars::Bytes {
        while value >= unit.saturating_mul(1024) {
            unit = unit.saturating_mul(1024);
        }
    }
    let mut round = unit;
    loop {
        for factor in [1, 2, 4, 5] {
            let candidate = round.saturating_mul(factor);
            if candidate >= value {
                return candidate.max(1);
            }
        }
        if round == u64::MAX {
            return round;
        }
        round = round.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_numbers_above() {
        let requests = [0, 1, 3, 41, 500, 501, u64::MAX].map(|value| ceiling(value, Bars::Requests));
        assert_eq!(requests, [1, 1, 4, 50, 500, 1000, u64::MAX]);
        assert_eq!(ceiling(3 << 20, Bars::Bytes), 4 << 20);
        assert_eq!(ceiling(900 << 20, Bars::Bytes), 1000 << 20);
    }

    fn slot(unix_seconds: i64) -> Slot {
        Slot {
            start: String::new(),
            unix_seconds,
            requests: 1,
            bytes_sent: 5,
            by_class: [0, 0, 1, 0, 0, 0],
        }
    }

    #[test]
    fn never_too_many_bars() {
        for hours in [1, 24, 400, 401, 10_000, 80_000_000] {
            let mut out = String::new();
            over_time(
                &mut out,
                "Requests",
                &[slot(0), slot(HOUR * (hours - 1))],
                Bars::Requests,
            );
            let scale = Scale::of(&[slot(0), slot(HOUR * (hours - 1))]).expect("a scale");
            assert!(scale.bars <= MOST_BARS && scale.bars > 0);
            assert!(out.matches("<span style").count() <= 10, "{out}");
            assert_eq!(out.matches("<rect").count(), if hours == 1 { 1 } else { 2 });
        }
    }
}
