//! What a bucket policy lets everybody do.
//!
//! A policy is JSON that anybody may have written: it is read as far as it can be understood, and what can't is counted.

mod condition;
mod resource;

use serde_json::{Map, Value};

use self::condition::Holds;
use self::resource::Reached;

/// Longer ones aren't read: stores take 20 KiB.
const MAX_BYTES: usize = 256 << 10;

/// Keys of conditions that are told, and characters of each.
const KEYS_SHOWN: usize = 4;
const KEY_SHOWN: usize = 64;

/// What is worth telling apart, by an action of each kind. A policy that allows one of them allows that kind.
const READ: &[&str] = &["s3:GetObject", "s3:GetObjectVersion"];
const LIST: &[&str] = &[
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
];
const WRITE: &[&str] = &[
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:AbortMultipartUpload",
    "s3:RestoreObject",
    "s3:ReplicateObject",
];
const ADMIN: &[&str] = &[
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketCORS",
    "s3:PutBucketLogging",
    "s3:PutBucketVersioning",
    "s3:PutBucketWebsite",
    "s3:PutBucketNotification",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
];

/// Those among them that are done to objects.
const ON_OBJECTS: &[&str] = &["s3:BypassGovernanceRetention"];

/// What a policy says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PolicyReading {
    /// How many statements it has.
    pub(super) statements: usize,
    /// What everybody may do.
    pub(super) everyone: Reach,
    /// All that everybody may do with objects is confined to some of them.
    pub(super) some_objects: bool,
    /// What everybody may do who claims something that anybody can claim: a referrer, a user agent.
    pub(super) claimed: Reach,
    /// What everybody may do from an address, network, account or organization.
    pub(super) confined: Reach,
    /// What everybody may do under conditions that are not known here.
    pub(super) conditional: Reach,
    /// What the conditions are about, each once: `aws:SourceIp`.
    pub(super) conditions: Vec<String>,
    /// Statements that can't be understood.
    pub(super) unclear: usize,
}

impl PolicyReading {
    /// Whether somebody unnamed may do something, under whatever conditions.
    pub(super) fn is_any(&self) -> bool {
        let reaches = [self.everyone, self.claimed, self.confined, self.conditional];
        reaches.into_iter().any(Reach::is_any)
    }

    /// What the conditions are about, in short: whoever wrote the policy wrote them.
    pub(super) fn conditions_shown(&self) -> String {
        let mut shown: Vec<String> = self
            .conditions
            .iter()
            .take(KEYS_SHOWN)
            .map(|key| short(key))
            .collect();
        let more = self.conditions.len().saturating_sub(KEYS_SHOWN);
        if more > 0 {
            shown.push(format!("{more} more"));
        }
        shown.join(", ")
    }
}

/// Kinds of actions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) read: bool,
    pub(super) list: bool,
    pub(super) write: bool,
    pub(super) admin: bool,
}

impl Reach {
    pub(super) fn is_any(self) -> bool {
        self != Self::default()
    }

    pub(super) fn changes(self) -> bool {
        self.write || self.admin
    }

    /// In words: `read and list`.
    pub(super) fn words(self) -> String {
        let words: Vec<_> = [
            (self.read, "read objects"),
            (self.list, "list keys"),
            (self.write, "write or delete objects"),
            (self.admin, "change how the bucket is set up"),
        ]
        .into_iter()
        .filter_map(|(may, what)| may.then_some(what))
        .collect();
        words.join(", ")
    }

    fn of(may: impl Fn(&str) -> bool) -> Self {
        let any = |actions: &[&str]| actions.iter().any(|action| may(action));
        Self {
            read: any(READ),
            list: any(LIST),
            write: any(WRITE),
            admin: any(ADMIN),
        }
    }
}

fn short(key: &str) -> String {
    key.chars().take(KEY_SHOWN).collect()
}

/// A text that is no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPolicy {
    #[error("it is longer than {MAX_BYTES} bytes")]
    TooLong,
    #[error("it is no JSON, or nested too deeply")]
    NotJson,
    #[error("it has no statements")]
    NoStatements,
}

/// Reads a policy.
pub(super) fn read(text: &str, bucket: &str) -> Result<PolicyReading, NoPolicy> {
    if text.len() > MAX_BYTES {
        return Err(NoPolicy::TooLong);
    }
    // serde_json gives up at a depth of 128.
    let policy: Value = serde_json::from_str(text).map_err(|_| NoPolicy::NotJson)?;
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
        _ => return Err(NoPolicy::NoStatements),
    };
    let understood: Vec<Statement<'_>> = statements
        .iter()
        .filter_map(|statement| Statement::read(statement, bucket))
        .collect();
    let denied = |action: &str| {
        understood
            .iter()
            .any(|statement| statement.denies_everyone() && statement.actions.cover(action))
    };
    let to_everyone = || {
        understood
            .iter()
            .filter(|statement| statement.allows && statement.everyone)
    };
    let allowed = |holds: Holds| {
        let such: Vec<_> = to_everyone()
            .filter(|statement| statement.holds == holds)
            .collect();
        Reach::of(|action| such.iter().any(|statement| statement.reaches(action)) && !denied(action))
    };
    let open = || to_everyone().filter(|statement| statement.holds == Holds::Nobody);
    let mut conditions: Vec<String> = to_everyone()
        .flat_map(|statement| &statement.conditions)
        .map(|key| (*key).to_owned())
        .collect();
    conditions.sort_unstable();
    conditions.dedup();
    Ok(PolicyReading {
        statements: statements.len(),
        everyone: allowed(Holds::Nobody),
        some_objects: open().all(|statement| !statement.reached.all_objects),
        claimed: allowed(Holds::TheHonest),
        confined: allowed(Holds::Strangers),
        conditional: allowed(Holds::Unknown),
        conditions,
        unclear: statements.len().saturating_sub(understood.len()),
    })
}

/// A statement as far as it matters here.
struct Statement<'a> {
    allows: bool,
    /// For whoever asks; or for everybody but some, where it allows.
    everyone: bool,
    /// Whom its conditions keep out.
    holds: Holds,
    /// What they are about.
    conditions: Vec<&'a str>,
    /// What of this bucket it is about.
    reached: Reached,
    /// It has conditions at all, whatever they are worth.
    conditional: bool,
    /// For the whole bucket and all objects, as far as that is plain to see.
    everything: bool,
    actions: Actions<'a>,
}

impl<'a> Statement<'a> {
    fn read(statement: &'a Value, bucket: &str) -> Option<Self> {
        let statement = statement.as_object()?;
        let allows = match statement.get("Effect")?.as_str()? {
            "Allow" => true,
            "Deny" => false,
            _ => return None,
        };
        let given = statement.get("Condition");
        let conditions = condition::keys(given);
        Some(Self {
            allows,
            everyone: is_for_everyone(statement, allows)?,
            holds: condition::judge(given)?,
            conditional: !conditions.is_empty(),
            conditions,
            reached: Reached::of(statement, bucket)?,
            everything: covers_everything(statement.get("Resource")),
            actions: Actions::read(statement)?,
        })
    }

    /// Whether it is for an action, on what such an action is done to.
    fn reaches(&self, action: &str) -> bool {
        let on_bucket = LIST.contains(&action) || ADMIN.contains(&action) && !ON_OBJECTS.contains(&action);
        let reached = if on_bucket {
            self.reached.bucket
        } else {
            self.reached.objects
        };
        reached && self.actions.cover(action)
    }

    fn denies_everyone(&self) -> bool {
        !self.allows && self.everyone && !self.conditional && self.everything
    }
}

/// Whether whoever asks is meant; nothing where that can't be understood.
fn is_for_everyone(statement: &Map<String, Value>, allows: bool) -> Option<bool> {
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(Value::Object(kinds)), None) => {
            let mut everyone = false;
            for names in kinds.values() {
                everyone |= texts(names)?.contains(&"*");
            }
            Some(everyone)
        }
        (Some(names), None) => Some(texts(names)?.contains(&"*")),
        // Everybody but those who are named.
        (None, Some(_)) => Some(allows),
        _ => None,
    }
}

/// Whether this is plainly everything there is in the bucket. A statement that says less leaves something open.
fn covers_everything(resource: Option<&Value>) -> bool {
    let resources = resource.and_then(texts).unwrap_or_default();
    let whole = |resource: &&str| resource.strip_suffix('*').is_some_and(|name| !name.contains('/'));
    let bucket = |objects: &&str| {
        objects
            .strip_suffix("/*")
            .is_some_and(|bucket| resources.contains(&bucket))
    };
    resources
        .iter()
        .any(|resource| whole(resource) || bucket(resource))
}

/// The actions of a statement: those that match, or all but those.
struct Actions<'a> {
    patterns: Vec<&'a str>,
    others: bool,
}

impl<'a> Actions<'a> {
    fn read(statement: &'a Map<String, Value>) -> Option<Self> {
        let (patterns, others) = match (statement.get("Action"), statement.get("NotAction")) {
            (Some(actions), None) => (actions, false),
            (None, Some(actions)) => (actions, true),
            _ => return None,
        };
        Some(Self {
            patterns: texts(patterns)?,
            others,
        })
    }

    fn cover(&self, action: &str) -> bool {
        self.patterns.iter().any(|pattern| matches(pattern, action)) != self.others
    }
}

/// A text or a list of texts.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(texts) => texts.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// Whether a pattern with `*` and `?` is for an action; upper and lower case are the same.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut at, mut next) = (0_usize, 0_usize);
    // Where the last star stood, and up to where it reaches so far.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = action.get(next) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, next));
                at = at.saturating_add(1);
            }
            Some(wanted) if *wanted == b'?' || wanted.eq_ignore_ascii_case(byte) => {
                at = at.saturating_add(1);
                next = next.saturating_add(1);
            }
            _ => {
                let Some((stood, reaches)) = star else {
                    return false;
                };
                star = Some((stood, reaches.saturating_add(1)));
                at = stood.saturating_add(1);
                next = reaches.saturating_add(1);
            }
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests;
