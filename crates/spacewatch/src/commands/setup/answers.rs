//! What `setup` shall write, and whether it makes sense.

use std::io::{self, Read};

use rand::distr::{Alphanumeric, SampleString};
use spacewatch_model::Secret;
use spacewatch_s3::Region;
use url::{Host, Url};

use super::env_file::EnvFile;
use crate::cli::SetupArgs;
use crate::configuration::{Kind, RegionLabel, SecretText, WebUrl, environment};
use crate::failure::Failure;

pub(super) const AGENT_URL: &str = "DO_AGENT_URL";
pub(super) const AGENT_KEY: &str = "DO_AGENT_KEY";
pub(super) const API_KEY: &str = "APP_API_KEY";
pub(super) const REGION: &str = "SPACES_REGION";

/// Regions of DigitalOcean Spaces. Others are fine: the store may be another one, or the list may have grown.
pub(super) const KNOWN_REGIONS: [&str; 11] = [
    "ams3", "atl1", "blr1", "fra1", "lon1", "nyc3", "sfo2", "sfo3", "sgp1", "syd1", "tor1",
];

/// Shorter keys can be guessed by trying.
const LEAST_KEY_LENGTH: usize = 16;
const LEAST_DIFFERENT_CHARACTERS: usize = 6;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Given,
    Made,
}

/// A key and the value it shall have.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) key: &'static str,
    pub(super) value: Secret,
    pub(super) is_secret: bool,
    pub(super) origin: Origin,
}

impl Answer {
    pub(super) fn plain(key: &'static str, value: &str) -> Self {
        Self {
            key,
            value: Secret::new(value),
            is_secret: false,
            origin: Origin::Given,
        }
    }

    pub(super) fn secret(key: &'static str, value: Secret) -> Self {
        Self {
            key,
            value,
            is_secret: true,
            origin: Origin::Given,
        }
    }

    /// An application API key of 238 random bits.
    pub(super) fn made_api_key() -> Self {
        let value = Secret::new(format!("sw-{}", Alphanumeric.sample_string(&mut rand::rng(), 40)));
        Self {
            key: API_KEY,
            value,
            is_secret: true,
            origin: Origin::Made,
        }
    }
}

/// The answers there are; what isn't there stays as it is.
#[derive(Debug, Default)]
pub(super) struct Answers(Vec<Answer>);

impl Answers {
    /// What the flags say, each value checked.
    pub(super) fn from_flags(args: &SetupArgs) -> Result<Self, Failure> {
        let mut answers = Self::default();
        if let Some(url) = &args.agent_url {
            check_url(url).map_err(|why| Failure::usage(format!("--agent-url {why}")))?;
            answers.set(Answer::plain(AGENT_URL, url));
        }
        if let Some(text) = &args.agent_key {
            answers.set(Answer::secret(AGENT_KEY, secret("--agent-key", text)?));
        }
        if let Some(text) = &args.api_key {
            let key = secret("--api-key", text)?;
            if let Some(weakness) = weakness(&key).filter(|_| !args.force) {
                return Err(Failure::usage(format!("the key of --api-key {weakness}"))
                    .with_hint("--generate-api-key makes a strong one; --force takes yours as it is"));
            }
            answers.set(Answer::secret(API_KEY, key));
        }
        if args.generate_api_key {
            answers.set(Answer::made_api_key());
        }
        if let Some(text) = &args.region {
            let region = check_region(text).map_err(|why| Failure::usage(format!("--region {why}")))?;
            answers.set(Answer::plain(REGION, region.as_str()));
        }
        Ok(answers)
    }

    pub(super) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|answer| answer.key == key)
    }

    pub(super) fn set(&mut self, answer: Answer) {
        self.0.retain(|other| other.key != answer.key);
        self.0.push(answer);
    }

    pub(super) fn get(&self, key: &str) -> Option<&Answer> {
        self.0.iter().find(|answer| answer.key == key)
    }

    pub(super) fn drop_answer(&mut self, key: &str) {
        self.0.retain(|answer| answer.key != key);
    }

    /// The answers of the flags alone. What the file has already is replaced only by force.
    pub(super) fn without_questions(self, file: &EnvFile, args: &SetupArgs) -> Result<Self, Failure> {
        let overwritten = self.0.iter().find(|answer| file.differs(answer));
        match overwritten.filter(|_| !args.force) {
            Some(answer) => Err(Failure::usage(format!(
                "{} is already set in `{}`, to another value",
                answer.key,
                args.env_file.display()
            ))
            .with_hint("--force replaces it; without that flag it stays")),
            None => Ok(self),
        }
    }

    /// Answers that the file doesn't have yet.
    pub(super) fn changes(&self, file: &EnvFile) -> Vec<&Answer> {
        self.0.iter().filter(|answer| !file.has(answer)).collect()
    }

    /// What is worth knowing about the answers, though they are valid.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(url) = self.get(AGENT_URL) {
            notes.extend(url_note(url.value.expose()));
            if !self.has(AGENT_KEY) {
                notes.push("the agent has a URL here and no key; most agents need DO_AGENT_KEY".to_owned());
            }
        }
        if let Some(region) = self.get(REGION) {
            notes.extend(region_note(region.value.expose()));
        }
        notes
    }
}

pub(super) fn check_url(text: &str) -> Result<Url, String> {
    WebUrl
        .parse(text)
        .ok_or_else(|| "must be a URL such as `https://agent.example.com/api/v1/chat/completions`".to_owned())
}

pub(super) fn check_region(text: &str) -> Result<Region, String> {
    RegionLabel
        .parse(text)
        .ok_or_else(|| format!("must be {}", RegionLabel.expected()))
}

/// The region isn't wrong, but it may be mistyped.
pub(super) fn region_note(region: &str) -> Option<String> {
    if KNOWN_REGIONS.contains(&region) {
        return None;
    }
    let nearest = KNOWN_REGIONS
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(region, a).total_cmp(&strsim::jaro_winkler(region, b)))?;
    let meant = if strsim::jaro_winkler(region, nearest) > 0.7 {
        format!("; did you mean `{nearest}`?")
    } else {
        String::new()
    };
    Some(format!(
        "`{region}` is no region of DigitalOcean Spaces known here{meant}"
    ))
}

fn url_note(text: &str) -> Option<String> {
    let url = check_url(text).ok()?;
    let local = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if url.scheme() == "http" && !local {
        return Some("the agent's URL is plain http: its key travels unprotected".to_owned());
    }
    let complete = url.path().trim_end_matches('/').ends_with("/completions");
    (!complete).then(|| {
        "the agent's URL should be the full one, which usually ends with `/chat/completions`".to_owned()
    })
}

/// What is weak about a key, if anything is.
pub(super) fn weakness(key: &Secret) -> Option<String> {
    let key = key.expose();
    if key.len() < LEAST_KEY_LENGTH {
        return Some(format!(
            "has {} characters; at least {LEAST_KEY_LENGTH} make it hard to guess",
            key.len()
        ));
    }
    let mut characters: Vec<_> = key.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    (characters.len() < LEAST_DIFFERENT_CHARACTERS)
        .then(|| "repeats a few characters and is easy to guess".to_owned())
}

/// The secret a flag means: itself, a line of standard input or a variable of the environment.
fn secret(flag: &str, text: &str) -> Result<Secret, Failure> {
    let value = if text == "-" {
        let mut line = String::new();
        let read = io::stdin().lock().take(4096).read_to_string(&mut line);
        read.map_err(|error| Failure::usage(format!("can't read the value of {flag}")).caused_by(&error))?;
        line
    } else if let Some(name) = text.strip_prefix("env:") {
        environment(name)
            .ok_or_else(|| Failure::usage(format!("{flag} names the variable {name}, which is not set")))?
    } else {
        text.to_owned()
    };
    check_secret(value.trim()).map_err(|why| Failure::usage(format!("the value of {flag} {why}")))
}

pub(super) fn check_secret(text: &str) -> Result<Secret, String> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    let secret = SecretText
        .parse(text)
        .ok_or_else(|| format!("must be {}", SecretText.expected()))?;
    // In a `.env`, `${` begins a variable, even in quotes.
    if text.contains("${") {
        Err("holds `${`, which a `.env` file can't".to_owned())
    } else {
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(key: &str, url: &str, region: &str, expected: Expect) {
        let shown = [weakness(&Secret::new(key)), url_note(url), region_note(region)];
        expected.assert_eq(
            &shown
                .map(|note| note.unwrap_or_else(|| "-".to_owned()))
                .join("\n"),
        );
    }

    #[test]
    fn what_is_worth_a_word() {
        check(
            "8f14e45fceea167a5a36",
            "https://a.example.com/api/v1/chat/completions",
            "fra1",
            expect![[r#"
                -
                -
                -"#]],
        );
        check(
            "short",
            "http://a.example.com/v1/chat/completions",
            "fra",
            expect![[r#"
                has 5 characters; at least 16 make it hard to guess
                the agent's URL is plain http: its key travels unprotected
                `fra` is no region of DigitalOcean Spaces known here; did you mean `fra1`?"#]],
        );
        check(
            "aaaaaaaaaaaaaaaaaaaaaaaaaaab",
            "https://a.example.com/",
            "us-east-1",
            expect![[r#"
                repeats a few characters and is easy to guess
                the agent's URL should be the full one, which usually ends with `/chat/completions`
                `us-east-1` is no region of DigitalOcean Spaces known here"#]],
        );
    }

    #[test]
    fn made_keys_are_strong_and_differ() {
        let (a, b) = (Answer::made_api_key(), Answer::made_api_key());
        assert_eq!(weakness(&a.value), None);
        assert_ne!(a.value.expose(), b.value.expose());
    }
}
