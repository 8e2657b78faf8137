//! What is wrong, if anything, in one sentence before any chart.

use crate::report::{Figures, Report};

/// The sentence.
pub(super) fn sentence(report: &Report) -> String {
    let total = &report.total;
    if total.requests == 0 {
        return match &report.cdn {
            Some(_) => "Only CDN requests are in these logs.".to_owned(),
            None => "No client's request is in these logs.".to_owned(),
        };
    }
    let percent = |part: u64| part as f64 * 100.0 / total.requests as f64;
    let (client, server) = (percent(total.errors_4xx), percent(total.errors_5xx));
    if server < 0.1 && client < 5.0 {
        return format!("Quiet: {server:.2} % server errors and {client:.1} % client errors.");
    }
    let mut said = format!("{server:.1} % of requests met a server error");
    if let Some(status) = most_frequent(total, '5') {
        said += &format!(", mostly {status}");
    }
    if let Some(peak) = peak(total) {
        said += &peak;
    }
    said += &format!("; {client:.1} % were client errors");
    if let Some(status) = most_frequent(total, '4') {
        said += &format!(", mostly {status}");
    }
    said + "."
}

fn most_frequent(total: &Figures, class: char) -> Option<&str> {
    let of_class = total
        .by_status
        .iter()
        .filter(|(status, _)| status.starts_with(class));
    of_class
        .max_by_key(|(_, count)| **count)
        .map(|(status, _)| status.as_str())
}

/// The worst hour, where it stands out.
fn peak(total: &Figures) -> Option<String> {
    let errors = |slot: &crate::report::Slot| slot.by_class.get(5).copied().unwrap_or(0);
    let worst = total.timeline.iter().max_by_key(|slot| errors(slot))?;
    let hours = total.timeline.len() as u64;
    let stands_out = hours >= 6 && errors(worst).saturating_mul(hours) >= total.errors_5xx.saturating_mul(3);
    (stands_out && errors(worst) >= 10).then(|| {
        let rate = errors(worst) as f64 * 100.0 / worst.requests.max(1) as f64;
        let hour = super::moment(&worst.start);
        format!(" and worst at {} UTC ({rate:.1} %)", hour.trim_end_matches(":00"))
    })
}
