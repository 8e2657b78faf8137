//! Presigned links that were used from more than one address.
//!
//! A link is known by its signature, which stands in the request-URI. There may be more links than fit into memory, so they are
//! first told apart by a digest, of which the engine keeps no more than a few numbers each; only those of which more than one
//! address made use are looked at again, with their whole signature.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr, ScalarUDF, ident, lit};
use futures::TryStreamExt;
use spacewatch_model::Timestamp;

use super::ask::SignatureAsk;
use super::census::canonical;
use super::columns::Columns;
use super::condition::{self, DigestOf, SignatureOf};
use super::engine::Session;
use super::records;
use super::rows::{Signature, Signatures};
use super::sums;
use crate::{LakeError, RecordFilter, StatusFilter};

/// Links that are looked at closely at most: those that were used most.
const MAX_LINKS: usize = 1_000;

/// What was answered with these was let in.
const LET_IN: StatusFilter = StatusFilter { from: 200, to: 399 };

/// Where a presigned link has its signature, as the log says it.
const IN_THE_LINK: &str = "QueryString";

/// The digest of a text by which links are told apart at first.
pub(super) fn digest(text: &str) -> i64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish().cast_signed()
}

/// The signature that a request-URI carries: `X-Amz-Signature`, or `Signature` of the old way of signing.
pub(super) fn signature_of(uri: &str) -> Option<&str> {
    let target = uri.split_once('?')?.1;
    let target = target.split_once(' ').map_or(target, |(target, _)| target);
    let mut pairs = target.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(name, _)| matches!(*name, "X-Amz-Signature" | "Signature"))
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

pub(super) async fn answer(session: &Session, ask: &SignatureAsk) -> Result<Signatures, LakeError> {
    let filter = RecordFilter {
        requests_only: true,
        ..ask.filter.clone()
    };
    let (digests, truncated) = shared(session, &filter, ask.addresses).await?;
    if digests.is_empty() {
        return Ok(Signatures::default());
    }
    let mut links = uses(session, &filter, digests).await?;
    links.retain(|link| link.addresses >= ask.addresses);
    links.sort_unstable_by(|a, b| {
        let order = b.addresses.cmp(&a.addresses);
        order.then_with(|| a.signature.cmp(&b.signature))
    });
    let truncated = truncated || links.len() > ask.limit;
    links.truncate(ask.limit);
    Ok(Signatures { links, truncated })
}

/// Requests by presigned links that were let in.
fn links(session: &Session, filter: &RecordFilter) -> Result<DataFrame, LakeError> {
    let by_link = ident("auth_type").eq(condition::text(IN_THE_LINK));
    let let_in = condition::of_statuses(&[LET_IN]).into_iter();
    let mut frame = records::frame(session, filter)?;
    for condition in let_in.chain([by_link]) {
        frame = frame.filter(condition).map_err(|error| session.failure(&error))?;
    }
    Ok(frame)
}

fn signature() -> Expr {
    ScalarUDF::from(SignatureOf::default()).call(vec![ident("request_uri")])
}

fn digest_of(text: Expr) -> Expr {
    ScalarUDF::from(DigestOf::default()).call(vec![text])
}

/// Digests of links that several addresses used, and whether there are more than are told.
async fn shared(
    session: &Session,
    filter: &RecordFilter,
    addresses: u64,
) -> Result<(Vec<i64>, bool), LakeError> {
    let failed = |error| session.failure(&error);
    let frame = links(session, filter)?
        .select(vec![
            digest_of(signature()).alias("link"),
            digest_of(ident("remote_ip")).alias("address"),
        ])
        .and_then(|frame| {
            let figures = vec![
                count(lit(1_i64)).alias("uses"),
                min(ident("address")).alias("one"),
                max(ident("address")).alias("other"),
            ];
            frame.aggregate(vec![ident("link")], figures)
        })
        .map_err(failed)?;
    let mut found: Vec<(u64, i64)> = Vec::new();
    let mut truncated = false;
    let trim = |found: &mut Vec<(u64, i64)>| {
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(MAX_LINKS);
    };
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        let (links, uses) = (columns.longs("link")?, columns.longs("uses")?);
        let (one, other) = (columns.longs("one")?, columns.longs("other")?);
        for row in 0..batch.num_rows() {
            let uses = uses.count(row).unwrap_or(0);
            let Some(link) = links.get(row) else { continue };
            if uses >= addresses && (addresses < 2 || one.get(row) != other.get(row)) {
                found.push((uses, link));
            }
        }
        if found.len() > MAX_LINKS * 4 {
            truncated = true;
            trim(&mut found);
        }
    }
    truncated |= found.len() > MAX_LINKS;
    trim(&mut found);
    let mut digests: Vec<i64> = found.into_iter().map(|(_, link)| link).collect();
    digests.sort_unstable();
    Ok((digests, truncated))
}

/// What was done with these links.
async fn uses(
    session: &Session,
    filter: &RecordFilter,
    digests: Vec<i64>,
) -> Result<Vec<Signature>, LakeError> {
    let failed = |error| session.failure(&error);
    let any_of = ScalarUDF::from(DigestOf::any_of(digests));
    let frame = links(session, filter)?
        .with_column("signature", signature())
        .and_then(|frame| frame.filter(any_of.call(vec![ident("signature")])))
        .and_then(|frame| {
            let mut figures = vec![
                count(lit(1_i64)).alias("uses"),
                min(ident("time")).alias("first"),
                max(ident("time")).alias("last"),
                min(ident("bucket")).alias("bucket"),
                min(ident("key")).alias("key"),
            ];
            figures.extend(sums::SENT.figures());
            frame.aggregate(vec![ident("signature"), ident("remote_ip")], figures)
        })
        .map_err(failed)?;
    let mut links: BTreeMap<String, Link> = BTreeMap::new();
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        let (first, last) = (columns.times("first")?, columns.times("last")?);
        for row in 0..batch.num_rows() {
            let signature = columns.word("signature", row)?;
            let used = Signature {
                bucket: columns.text("bucket", row)?,
                key: columns.text("key", row)?,
                addresses: 0,
                requests: columns.count("uses", row)?.unwrap_or(0),
                bytes_sent: sums::SENT.of(columns, row)?,
                first_seen: first.time(row).unwrap_or(Timestamp::UNIX_EPOCH),
                last_seen: last.time(row).unwrap_or(Timestamp::UNIX_EPOCH),
                signature: signature.clone(),
            };
            let address = columns.text("remote_ip", row)?;
            let link = links.entry(signature).or_default();
            link.add(used, address.as_deref());
        }
    }
    Ok(links.into_values().filter_map(Link::finish).collect())
}

/// Addresses of one link that are told apart; more are as bad as so many.
const MAX_ADDRESSES: usize = 10_000;

#[derive(Default)]
struct Link {
    used: Option<Signature>,
    addresses: std::collections::HashSet<String>,
}

impl Link {
    fn add(&mut self, used: Signature, address: Option<&str>) {
        if self.addresses.len() < MAX_ADDRESSES {
            self.addresses.extend(address.map(canonical));
        }
        let Some(all) = &mut self.used else {
            self.used = Some(used);
            return;
        };
        all.requests = all.requests.saturating_add(used.requests);
        all.bytes_sent = all.bytes_sent.saturating_add(used.bytes_sent);
        all.first_seen = all.first_seen.min(used.first_seen);
        all.last_seen = all.last_seen.max(used.last_seen);
        all.bucket = all.bucket.take().into_iter().chain(used.bucket).min();
        all.key = all.key.take().into_iter().chain(used.key).min();
    }

    fn finish(self) -> Option<Signature> {
        let addresses = u64::try_from(self.addresses.len()).unwrap_or(u64::MAX);
        self.used.map(|used| Signature { addresses, ..used })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_of_links() {
        let check = |uri: &str, expected: Option<&str>| assert_eq!(signature_of(uri), expected, "{uri}");
        check(
            "GET /b/k?X-Amz-Expires=60&X-Amz-Signature=ab12 HTTP/1.1",
            Some("ab12"),
        );
        check(
            "GET /b/k?AWSAccessKeyId=A&Signature=x%2By%3D&Expires=1 HTTP/1.1",
            Some("x%2By%3D"),
        );
        check("GET /b/k?prefix=X-Amz-Signature=ab HTTP/1.1", None);
        check("GET /b/X-Amz-Signature=ab HTTP/1.1", None);
        check("GET /b/k?X-Amz-Signature= HTTP/1.1", None);
        check("GET /b/k?X-Amz-Signature=ab", Some("ab"));
    }
}
