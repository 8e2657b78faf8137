//! Whom the conditions of a statement keep out.
//!
//! A condition is worth what it rests on: an address or an organization is told by the store, a referrer by whoever asks. What isn't known here
//! is not guessed at.

use serde_json::{Map, Value};

use super::texts;

/// Told by the store itself, so nobody can claim it. Only with fixed values: a wildcard lets in more than it seems.
const TOLD_BY_STORE: [&str; 13] = [
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOwner",
    "aws:userid",
    "s3:DataAccessPointArn",
    "s3:DataAccessPointAccount",
];
/// Sent by the client, which may send what it likes.
const CLAIMED: [&str; 2] = ["aws:Referer", "aws:UserAgent"];
/// Operators under which a request has to show one of the values. With `IfExists` or `ForAllValues:` one that shows none passes as well.
const ONE_OF: [&str; 5] = [
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "ArnEquals",
    "ArnLike",
];
/// A wider network is no place that anybody could know all of.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 32;

/// Whom conditions let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// Whoever asks: there are none, or anybody meets them.
    Nobody,
    /// Who doesn't know what to claim: a referrer, a user agent.
    TheHonest,
    /// Nobody knows here.
    Unknown,
    /// Everybody from outside of a place, account or organization.
    Strangers,
}

/// What the conditions of a statement are worth: all have to hold, so the best one counts. Nothing where they can't be understood.
pub(super) fn judge(conditions: Option<&Value>) -> Option<Holds> {
    let conditions = match conditions {
        None | Some(Value::Null) => return Some(Holds::Nobody),
        Some(conditions) => conditions.as_object()?,
    };
    let mut best = Holds::Nobody;
    for (operator, keys) in conditions {
        for (key, values) in keys.as_object()? {
            let values = match values {
                Value::Bool(true) => vec!["true"],
                Value::Bool(false) => vec!["false"],
                values => texts(values).unwrap_or_default(),
            };
            best = best.max(one(operator, key, &values));
        }
    }
    Some(best)
}

fn one(operator: &str, key: &str, values: &[&str]) -> Holds {
    let is = |name: &&str| name.eq_ignore_ascii_case(key);
    let one_of = ONE_OF.iter().any(|known| known.eq_ignore_ascii_case(operator));
    let fixed = !values.is_empty() && values.iter().all(|value| !value.contains(['*', '?', '$']));
    if is(&"aws:SourceIp") {
        return match operator {
            "IpAddress" if !values.is_empty() && values.iter().all(|value| is_narrow(value)) => {
                Holds::Strangers
            }
            // Some network is as wide as the world, or all but some may come.
            "IpAddress" | "NotIpAddress" if !values.is_empty() => Holds::Nobody,
            _ => Holds::Unknown,
        };
    }
    if is(&"aws:SecureTransport") && operator == "Bool" && values == ["true"] {
        // Anybody can speak TLS.
        return Holds::Nobody;
    }
    if CLAIMED.iter().any(is) {
        return Holds::TheHonest;
    }
    if TOLD_BY_STORE.iter().any(is) && one_of && fixed {
        return Holds::Strangers;
    }
    Holds::Unknown
}

/// Whether an address or network is small enough to be somebody's own.
fn is_narrow(network: &str) -> bool {
    let (address, length) = match network.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (network, None),
    };
    let Ok(address) = address.parse::<std::net::IpAddr>() else {
        return false;
    };
    let (whole, widest) = match address {
        std::net::IpAddr::V4(_) => (32, WIDEST_V4),
        std::net::IpAddr::V6(_) => (128, WIDEST_V6),
    };
    let length = length.map_or(Some(whole), |length| length.parse::<u8>().ok());
    length.is_some_and(|length| (widest..=whole).contains(&length))
}

/// By which conditions, for whoever reads about it.
pub(super) fn keys(conditions: Option<&Value>) -> Vec<&str> {
    let operators = conditions
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::values);
    let keys = operators.filter_map(Value::as_object).flat_map(Map::keys);
    keys.map(String::as_str).collect()
}
