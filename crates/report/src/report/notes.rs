//! What limits the figures, said in words.

use super::Note;
use crate::analysis::Outcome;
use crate::collector::{Collector, Subject};
use crate::inputs::Inputs;
use crate::tally::Tally;

pub(super) fn of(all: &Collector<'_>, found: &Inputs, outcome: &Outcome) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code, detail: String| notes.push(Note { code, detail });
    if outcome.forgot_lines {
        let most = all.options().limits.remembered_lines;
        note(
            "duplicates_partly_counted",
            format!(
                "more than about {most} different lines: duplicates of later ones were not found and count as records"
            ),
        );
    }
    for subject in Subject::ALL {
        approximate(&mut note, plural(subject), all.tally(subject));
    }
    approximate(&mut note, "CDN client addresses", &all.cdn.ips);
    approximate(&mut note, "CDN paths", &all.cdn.paths);
    approximate(&mut note, "CDN hosts", &all.cdn.hosts);
    if all.long_times.coarse || all.cdn.long_times.coarse {
        note(
            "approximate_latency",
            "too many different long times to count each: some percentiles above a second are up to 1 % too low".to_owned(),
        );
    }
    if all.has_other_series() || all.cdn.results.is_full() {
        note(
            "other",
            "more buckets, operations or result types than are told apart: the rest is counted as `(other)`"
                .to_owned(),
        );
    }
    let dropped = all.hours.dropped.saturating_add(all.cdn.hours.dropped);
    if dropped > 0 {
        note(
            "hours_truncated",
            format!(
                "more different hours than are told apart: {dropped} requests are missing in the figures by time"
            ),
        );
    }
    if found.cut {
        note(
            "files_truncated",
            format!("more than {} files: the rest was not read", found.files.len()),
        );
    }
    notes
}

fn approximate(note: &mut impl FnMut(&'static str, String), what: &str, tally: &Tally) {
    let missing = tally.missing();
    if missing > 0 {
        note(
            "approximate",
            format!(
                "too many different {what} to count each: their number is approximate (standard error 0.8 %), and each count may be up to {missing} too low"
            ),
        );
    }
}

fn plural(subject: Subject) -> &'static str {
    match subject {
        Subject::Ip => "client addresses",
        Subject::Requester => "requesters",
        Subject::UserAgent => "user agents",
        Subject::Referer => "referers",
        Subject::Host => "hosts",
        Subject::Key => "keys",
        Subject::MissingKey => "keys that were not found",
    }
}
