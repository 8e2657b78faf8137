//! Who is let in.

use spacewatch_s3::Grantee;

use super::{Words, finding, proof};
use crate::finding::{Finding, Severity};
use crate::posture::SettingName;
use crate::posture::policy::{PolicyReading, Reach};
use crate::posture::visit::{PublicListing, Visit, sent};

pub(super) fn findings(visit: &Visit) -> Vec<Finding> {
    let of_policy = visit.policy.as_ref().and_then(|policy| policy.as_ref().ok());
    let mut found = Vec::new();
    found.extend(public_listing(visit));
    found.extend(of_acl(visit));
    if let Some(policy) = of_policy.filter(|_| !visit.restricts_policy()) {
        found.extend(open_policy(visit, policy));
        found.extend(conditional_policies(visit, policy));
    }
    found.extend(opaque_policy(visit, of_policy));
    found.extend(wide_cors(visit));
    found
}

/// What opens a log bucket opens everything that is known about all the others.
fn at_least(visit: &Visit, severity: Severity) -> Severity {
    if visit.is_log_bucket {
        Severity::Critical
    } else {
        severity
    }
}

fn which(visit: &Visit) -> String {
    let what = if visit.is_log_bucket {
        "log bucket"
    } else {
        "bucket"
    };
    format!("{what} `{}`", visit.bucket)
}

fn is_listed_publicly(visit: &Visit) -> bool {
    matches!(visit.listing, PublicListing::Open)
}

fn public_listing(visit: &Visit) -> Option<Finding> {
    is_listed_publicly(visit).then(|| {
        let words = Words {
            rule: "public-listing",
            severity: at_least(visit, Severity::High),
            title: format!("anybody can list {}", which(visit)),
            why: "whoever knows its name learns every key in it, and can fetch what is readable; a log bucket tells who does \
                  what in all the others",
            advice: "take the right to list from everybody, in the ACL and in the policy: a public site needs reading alone",
        };
        let opened_by = |policy: &PolicyReading| policy.everyone.list;
        let by_policy = visit
            .policy
            .as_ref()
            .is_some_and(|policy| policy.as_ref().is_ok_and(opened_by));
        let setting = if by_policy {
            proof(SettingName::Policy, &visit.settings.policy)
        } else {
            proof(SettingName::Acl, &visit.settings.acl)
        };
        finding(visit, words, setting, Vec::new())
    })
}

/// What the access control list grants to whoever comes.
#[derive(Default)]
struct Granted {
    read: bool,
    write: bool,
    read_acl: bool,
}

impl Granted {
    fn to(visit: &Visit, who: &Grantee) -> Self {
        let mut granted = Self::default();
        let Some(acl) = sent(&visit.settings.acl).filter(|_| !visit.ignores_acls()) else {
            return granted;
        };
        for grant in acl.value.grants.iter().filter(|grant| grant.grantee == *who) {
            match grant.permission.as_str() {
                "READ" => granted.read = true,
                "WRITE" | "WRITE_ACP" => granted.write = true,
                "READ_ACP" => granted.read_acl = true,
                "FULL_CONTROL" => {
                    granted = Self {
                        read: true,
                        write: true,
                        read_acl: true,
                    }
                }
                _ => {}
            }
        }
        granted
    }
}

fn of_acl(visit: &Visit) -> Vec<Finding> {
    let everyone = Granted::to(visit, &Grantee::Everyone);
    let accounts = Granted::to(visit, &Grantee::AnyAccount);
    let who = |granted: bool| {
        if granted {
            "everybody"
        } else {
            "anybody with an account at this store"
        }
    };
    let mut found = Vec::new();
    let mut add = |rule, severity, title, why, advice| {
        let words = Words {
            rule,
            severity,
            title,
            why,
            advice,
        };
        let setting = proof(SettingName::Acl, &visit.settings.acl);
        found.push(finding(visit, words, setting, Vec::new()));
    };
    let private = "set the ACL to `private`, and grant what is needed to single accounts or in a policy";
    if everyone.write || accounts.write {
        add(
            "public-write-acl",
            Severity::Critical,
            format!("the ACL of {} lets {} write", which(visit), who(everyone.write)),
            "strangers can put, replace and delete objects, at your cost and in your name",
            private,
        );
    }
    // That everybody can list it is said already where it was seen.
    if accounts.read || (everyone.read && !is_listed_publicly(visit)) {
        add(
            "public-read-acl",
            at_least(visit, Severity::High),
            format!("the ACL of {} lets {} list it", which(visit), who(everyone.read)),
            "an account is free to have: whoever wants to learns every key in it",
            private,
        );
    }
    if (everyone.read_acl || accounts.read_acl) && !(everyone.write || accounts.write) {
        add(
            "public-acl",
            Severity::Low,
            format!("{} can read the ACL of {}", who(everyone.read_acl), which(visit)),
            "it tells strangers who has access",
            private,
        );
    }
    found
}

fn of_policy(
    visit: &Visit,
    rule: &'static str,
    severity: Severity,
    title: String,
    why: &'static str,
) -> Finding {
    let words = Words {
        rule,
        severity,
        title,
        why,
        advice: "name in `Principal` who needs it, or leave only `s3:GetObject` under the prefix that is meant to be public",
    };
    let setting = proof(SettingName::Policy, &visit.settings.policy);
    finding(visit, words, setting, Vec::new())
}

fn open_policy(visit: &Visit, policy: &PolicyReading) -> Option<Finding> {
    let reach = policy.everyone;
    // That everybody can list it is said already where it was seen.
    let told = Reach {
        list: reach.list && !is_listed_publicly(visit),
        ..reach
    };
    let (rule, severity, why) = if reach.changes() {
        (
            "public-write-policy",
            Severity::Critical,
            "strangers can change or destroy what is stored, at your cost and in your name",
        )
    } else if told.list {
        (
            "public-list-policy",
            at_least(visit, Severity::High),
            "whoever knows its name learns every key in it",
        )
    } else if told.read {
        (
            "public-read-policy",
            at_least(visit, Severity::Info),
            "right for a public site, and for nothing else: whoever knows or guesses a key gets the object",
        )
    } else {
        return None;
    };
    let some = if policy.some_objects && (reach.read || reach.write) {
        " (some objects only)"
    } else {
        ""
    };
    let title = format!(
        "the policy of {} lets everybody {}{some}",
        which(visit),
        reach.words()
    );
    Some(of_policy(visit, rule, severity, title, why))
}

/// What conditions let in, by what they are worth.
fn conditional_policies(visit: &Visit, policy: &PolicyReading) -> Vec<Finding> {
    let told = [
        (
            policy.claimed,
            "claimable-policy",
            "lets everybody who claims to come from the right page or program",
            "a referrer and a user agent are what the client says they are: whoever knows the right one sends it",
            [Severity::High, Severity::Low],
        ),
        (
            policy.conditional,
            "conditional-policy",
            "lets everybody who meets its conditions",
            "the conditions alone keep strangers out, and what they are worth is not known here",
            [Severity::Medium, Severity::Info],
        ),
        (
            policy.confined,
            "confined-policy",
            "lets everybody from an address, account or organization that it names",
            "right where those are yours: whoever gets a foothold there needs no keys",
            [Severity::Low, Severity::Info],
        ),
    ];
    let by = policy.conditions_shown();
    let told = told
        .into_iter()
        .filter_map(|(reach, rule, who, why, severities)| {
            let [changing, looking] = severities;
            let severity = match (reach.changes(), reach.is_any()) {
                (true, _) => changing,
                (false, true) => looking,
                (false, false) => return None,
            };
            let title = format!("the policy of {} {who} {} ({by})", which(visit), reach.words());
            Some(of_policy(visit, rule, severity, title, why))
        });
    told.collect()
}

/// A policy that can't be judged here, which is no reason to call it safe.
fn opaque_policy(visit: &Visit, read: Option<&PolicyReading>) -> Option<Finding> {
    let status = sent(&visit.settings.policy_status).is_some_and(|sent| sent.value);
    let clear = read.is_some_and(|policy| policy.unclear == 0);
    let seen = read.is_some_and(|policy| policy.is_any());
    if status && !seen && !visit.restricts_policy() {
        let title = format!("the store itself calls the policy of {} public", which(visit));
        let why = "somebody outside the account is let in, by a statement that couldn't be read here";
        let severity = at_least(visit, Severity::High);
        return Some(of_policy(visit, "public-policy", severity, title, why));
    }
    if visit.policy.is_some() && !clear {
        let title = format!("the policy of {} can't be understood in full", which(visit));
        let why = "what can't be read can't be judged: it may let in more than it seems";
        return Some(of_policy(visit, "unclear-policy", Severity::Low, title, why));
    }
    None
}

fn wide_cors(visit: &Visit) -> Option<Finding> {
    let rules = &sent(&visit.settings.cors)?.value;
    let writes = |method: &String| matches!(method.as_str(), "PUT" | "POST" | "DELETE");
    let wide = |origin: &String| matches!(origin.as_str(), "*" | "http://*" | "https://*");
    rules
        .iter()
        .any(|rule| rule.origins.iter().any(wide) && rule.methods.iter().any(writes))
        .then(|| {
            let words = Words {
                rule: "cors-any-origin-writes",
                severity: Severity::Medium,
                title: format!("pages of any site may write to {}", which(visit)),
                why: "a page that gets hold of a presigned link, or finds the bucket open, can use it from every visitor's browser",
                advice: "name the origins that need to write, and leave `*` to GET and HEAD",
            };
            let setting = proof(SettingName::Cors, &visit.settings.cors);
            finding(visit, words, setting, Vec::new())
        })
}
