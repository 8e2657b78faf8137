//! Who was refused many times and then got in: somebody who tries keys, policies or names until something opens.

use jiff::SignedDuration;
use spacewatch_lake::{Bar, Client, Dossier, Who};

use super::Rule;
use super::scene::{self, Scene, Verdict, counted, given, percent, span};
use crate::finding::{Figure, Finding, Severity};
use crate::{SearchLogsArgs, ToolError};

/// Whose refusals and missing objects are worth a closer look. Twenty are more than a page with broken links asks for, and a client that
/// works is refused far less than a fifth of the time.
pub(super) const BAR: Bar = Bar {
    least: 20,
    percent: 20,
};

/// A read counts once there were so many refusals before it: fewer are a wrong clock, or a key that was just changed.
pub(super) const BEFORE: u64 = 10;

/// And the share of refusals is so many times that of everybody else: where a policy was broken for all, nobody stands out.
const TIMES_OTHERS: u64 = 10;

/// Reads before the first refusal that make somebody a client who had rights, lost them, and got them back.
const READS_OF_A_CLIENT: u64 = 10;

pub(super) async fn find(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let mut verdict = Verdict::default();
    for (who, clients) in [
        (Who::Address, &scene.census.addresses),
        (Who::Requester, &scene.census.requesters),
    ] {
        verdict.truncated |= clients.truncated;
        for client in &clients.rows {
            if let Some(dossier) = got_in(scene, who, client) {
                verdict.add(finding(scene, (who, client), dossier).await?);
            }
        }
    }
    Ok(verdict)
}

/// What a client did, if it was refused many times and then got in.
pub(super) fn got_in<'s>(scene: &'s Scene<'_>, who: Who, client: &Client) -> Option<&'s Dossier> {
    let refused = client.refused >= BAR.least
        && client.refused.saturating_mul(100) >= client.requests.saturating_mul(BAR.percent)
        && scene.stands_out(
            client,
            |client| client.refused,
            (scene.census.totals.refused, TIMES_OTHERS),
        );
    let dossier = scene.dossiers.get(&(who, client.value.clone()))?;
    (refused && dossier.reads_after > 0).then_some(dossier)
}

fn severity(dossier: &Dossier) -> Severity {
    let had_rights = dossier.reads_before >= READS_OF_A_CLIENT
        && dossier.reads_before.saturating_mul(10) >= dossier.refused;
    if had_rights {
        Severity::Low
    } else if dossier.anonymous_after == dossier.reads_after {
        Severity::Medium
    } else {
        Severity::High
    }
}

async fn finding(
    scene: &Scene<'_>,
    (who, client): (Who, &Client),
    dossier: &Dossier,
) -> Result<Finding, ToolError> {
    let severity = severity(dossier);
    let mut finding = scene.finding(Rule::DeniedThenRead, severity, Some(&client.value));
    finding.title = format!(
        "{} was refused {} and then read {} of {}",
        client.value,
        counted(dossier.refused, "time"),
        counted(dossier.reads_after, "time"),
        counted(dossier.keys_after, "key"),
    );
    finding.why = why(severity).to_owned();
    finding.advice = "look at what it read; if it should not have, take the key or the policy that let it in away, and treat what it \
                      read as known to others"
        .to_owned();
    finding.first_seen = dossier.first_refused;
    finding.last_seen = dossier.last_read_after.max(dossier.last_refused);
    finding.figures = vec![
        Figure::count("refusals", dossier.refused),
        Figure::new(
            "refused_share",
            percent(client.refused, client.requests),
            "Percent",
        ),
        Figure::count("reads_before_refusals", dossier.reads_before),
        Figure::count("reads_after_refusals", dossier.reads_after),
        Figure::count("anonymous_reads_after_refusals", dossier.anonymous_after),
        Figure::count("keys_read_after_refusals", dossier.keys_after),
        Figure::bytes("bytes_read_after_refusals", dossier.bytes_after),
    ];
    finding.parts = dossier
        .some_keys
        .iter()
        .map(|key| scene::named("key", key))
        .collect();
    let refusals = SearchLogsArgs {
        status: given("401,403"),
        ..of_client(scene.search(), who, &client.value)
    };
    let whole = (scene.window(), dossier.refused);
    finding
        .proofs
        .push(scene.proof("the refusals", refusals, whole).await?);
    // The log counts whole seconds: what is later begins with the next one.
    let enough = dossier.refused_enough.unwrap_or(scene.from);
    let later = enough.checked_add(SignedDuration::from_secs(1)).unwrap_or(enough);
    let reads = of_client(scene.search_reads(), who, &client.value);
    let after = (span(later, scene.to), dossier.reads_after);
    finding
        .proofs
        .push(scene.proof("what it read after them", reads, after).await?);
    Ok(finding)
}

fn why(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => {
            "it read as well before it was refused, so its rights were probably taken away and given back; somebody who tries keys or \
             names from a client that works looks the same"
        }
        Severity::Medium => {
            "somebody tried names until some opened. What it got is public: whoever knows the name gets it"
        }
        _ => {
            "somebody tried keys, names or policies until something opened, and got objects that take credentials to read"
        }
    }
}

/// A question about one client.
pub(super) fn of_client(query: SearchLogsArgs, who: Who, value: &str) -> SearchLogsArgs {
    match who {
        Who::Address => SearchLogsArgs {
            ip: given(value),
            ..query
        },
        Who::Requester => SearchLogsArgs {
            requester: given(value),
            ..query
        },
    }
}
