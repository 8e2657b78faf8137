//! Who tries many keys in vain, or lists a bucket again and again: somebody who looks for what there is.

use spacewatch_lake::{Bar, Client, Dossier, LISTINGS, Who};

use super::Rule;
use super::denied::{self, of_client};
use super::scene::{Scene, Verdict, counted, given, percent};
use crate::finding::{Figure, Finding, Severity};
use crate::{SearchLogsArgs, ToolError};

/// Different keys tried in vain: a program that looks for one file that is not there yet tries one key.
const LEAST_KEYS: u64 = 50;

/// Of its requests, so many percent are in vain: a site with broken links serves far more than it misses.
const PERCENT: u64 = 50;

/// And that is so many times the share of everybody else.
const TIMES_OTHERS: u64 = 10;

/// Who lists so often, and does little else.
pub(super) const LISTINGS_BAR: Bar = Bar {
    least: 200,
    percent: 50,
};

pub(super) async fn find(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let clients = &scene.census.addresses;
    let mut verdict = Verdict {
        truncated: clients.truncated,
        ..Verdict::default()
    };
    for client in &clients.rows {
        if let Some(dossier) = scans(scene, client) {
            verdict.add(scan(scene, client, dossier).await?);
        } else if sweeps(scene, client) {
            verdict.add(sweep(scene, client).await?);
        }
    }
    if scene.census.unfollowed > 0 {
        verdict.not_judged = Some(format!(
            "{} of clients beyond the first million",
            counted(scene.census.unfollowed, "request")
        ));
    }
    Ok(verdict)
}

/// Whoever got in is told by the rule for that.
fn scans<'s>(scene: &'s Scene<'_>, client: &Client) -> Option<&'s Dossier> {
    if denied::got_in(scene, Who::Address, client).is_some() {
        return None;
    }
    let misses = misses_of(client);
    let totals = &scene.census.totals;
    let all = totals.refused.saturating_add(totals.missing);
    let stands_out = misses.saturating_mul(100) >= client.requests.saturating_mul(PERCENT)
        && scene.stands_out(client, misses_of, (all, TIMES_OTHERS));
    let dossier = scene.dossiers.get(&(Who::Address, client.value.clone()))?;
    (stands_out && dossier.keys_missed >= LEAST_KEYS).then_some(dossier)
}

fn misses_of(client: &Client) -> u64 {
    client.refused.saturating_add(client.missing)
}

fn sweeps(scene: &Scene<'_>, client: &Client) -> bool {
    client.listings >= LISTINGS_BAR.least
        && client.listings.saturating_mul(100) >= client.requests.saturating_mul(LISTINGS_BAR.percent)
        && scene.stands_out(
            client,
            |client| client.listings,
            (scene.census.totals.listings, TIMES_OTHERS),
        )
}

async fn scan(scene: &Scene<'_>, client: &Client, dossier: &Dossier) -> Result<Finding, ToolError> {
    let mut finding = scene.finding(Rule::Enumeration, Severity::Medium, Some(&client.value));
    finding.title = format!(
        "{} tried {} in vain, in {} of which {} were refused",
        client.value,
        counted(dossier.keys_missed, "key"),
        counted(dossier.misses, "request"),
        dossier.refused,
    );
    finding.why = "somebody guesses names to find out what there is; it got in nowhere, or only where it got in without guessing".to_owned();
    finding.advice = "make sure that nothing is readable by its name alone that should not be; if it goes on, refuse the address in front of \
                      the store"
        .to_owned();
    finding.first_seen = dossier.first_missed;
    finding.last_seen = dossier.last_missed;
    finding.figures = vec![
        Figure::count("requests_in_vain", dossier.misses),
        Figure::count("refused", client.refused),
        Figure::count("not_found", client.missing),
        Figure::count("keys_in_vain", dossier.keys_missed),
        Figure::new(
            "share_in_vain",
            percent(dossier.misses, client.requests),
            "Percent",
        ),
    ];
    let query = SearchLogsArgs {
        status: given("401,403,404"),
        ..of_client(scene.search(), Who::Address, &client.value)
    };
    let whole = (scene.window(), dossier.misses);
    finding
        .proofs
        .push(scene.proof("the requests in vain", query, whole).await?);
    Ok(finding)
}

async fn sweep(scene: &Scene<'_>, client: &Client) -> Result<Finding, ToolError> {
    let mut finding = scene.finding(Rule::Enumeration, Severity::Low, Some(&client.value));
    finding.title = format!(
        "{} listed {} and did little else",
        client.value,
        counted(client.listings, "time")
    );
    finding.why = "listings tell everything there is. Backups, mirrors and inventories list like that, and so does who prepares to take it".to_owned();
    finding.advice =
        "find out whose program it is; keys for programs that need not list should not be allowed to"
            .to_owned();
    finding.figures = vec![
        Figure::count("listings", client.listings),
        Figure::new(
            "listing_share",
            percent(client.listings, client.requests),
            "Percent",
        ),
    ];
    let query = SearchLogsArgs {
        operation: given(&LISTINGS.join(",")),
        ..of_client(scene.search(), Who::Address, &client.value)
    };
    let whole = (scene.window(), client.listings);
    finding
        .proofs
        .push(scene.proof("the listings", query, whole).await?);
    finding.last_seen = finding
        .proofs
        .first()
        .and_then(|proof| Some(proof.sample.first()?.ts));
    Ok(finding)
}
