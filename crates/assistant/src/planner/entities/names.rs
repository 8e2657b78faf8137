//! Names that show by their form: addresses, ARNs, keys, paths, files, extensions.

use std::net::IpAddr;

use super::super::words::{Token, Words};
use super::{Subject, bounded, is_word};

const EXTENSIONS: [&str; 44] = [
    "png", "jpg", "jpeg", "gif", "webp", "svg", "mp4", "mov", "mkv", "avi", "webm", "mp3", "wav", "flac",
    "pdf", "csv", "json", "jsonl", "parquet", "zip", "gz", "tgz", "tar", "zst", "7z", "txt", "log", "html",
    "css", "js", "xml", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "sql", "bak", "iso", "bin", "part",
    "tmp", "tiff",
];

/// Programs that people name without saying that they are programs.
const AGENTS: [&str; 14] = [
    "rclone",
    "boto3",
    "botocore",
    "aws-cli",
    "awscli",
    "s3cmd",
    "curl",
    "wget",
    "cyberduck",
    "minio",
    "minio-go",
    "restic",
    "duplicati",
    "python-requests",
];

/// Reads one word as a name. Whether it was one.
pub(super) fn read(
    subject: &mut Subject,
    token: &Token,
    index: usize,
    words: &Words,
    buckets: &[String],
) -> bool {
    let raw = token.raw.as_str();
    if let Some(path) = raw.strip_prefix("s3://").or_else(|| raw.strip_prefix("S3://")) {
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        seen_or_not(subject, bucket, buckets);
        place(subject, key);
        return true;
    }
    if is_address(raw) {
        subject.ip.get_or_insert_with(|| raw.to_owned());
        return true;
    }
    if raw.starts_with("arn:") {
        subject.requester = bounded(raw);
        return true;
    }
    if token.quoted {
        return quoted(subject, raw, index, words, buckets);
    }
    if is_access_key(raw) {
        subject.access_key = bounded(raw);
        return true;
    }
    if is_status(&token.text) {
        // Stays a word: `403s` also says what is meant.
        subject.status = Some(token.text.trim_end_matches('s').to_owned());
        return false;
    }
    if let Some(extension) = extension(&token.text, words.at(index + 1)) {
        subject.extension = Some(extension.to_owned());
        return true;
    }
    if AGENTS.contains(&token.text.as_str()) {
        subject.agent = bounded(raw);
        return true;
    }
    path(subject, raw, index, words, buckets)
}

/// What stands in quotes is a name, whatever it says; the word before tells of what.
fn quoted(subject: &mut Subject, raw: &str, index: usize, words: &Words, buckets: &[String]) -> bool {
    let before = [words.before(index), words.before(index.saturating_sub(1))];
    let lead = |any: &[&str]| any.contains(&before[0]) || (before[0] == "named" && any.contains(&before[1]));
    if buckets.iter().any(|bucket| bucket == raw) {
        subject.bucket = bounded(raw);
    } else if lead(&["bucket"]) || (words.at(index + 1) == "bucket" && !raw.contains('/')) {
        seen_or_not(subject, raw, buckets);
    } else if lead(&["agent", "agents", "user-agent", "program", "tool", "client"]) {
        subject.agent = bounded(raw);
    } else if lead(&["requester", "user", "account", "principal", "identity"]) {
        subject.requester = bounded(raw);
    } else if lead(&["prefix", "folder", "directory", "under", "below"]) {
        subject.prefix = bounded(raw);
    } else {
        in_bucket(subject, raw, buckets);
    }
    true
}

/// A path, with or without its bucket, or the name of a file.
fn path(subject: &mut Subject, raw: &str, index: usize, words: &Words, buckets: &[String]) -> bool {
    let parts: Vec<&str> = raw.split('/').collect();
    if parts.len() > 1 {
        // `p50/p95/p99`, `read/write`, `5/10` are no paths.
        let is_text = |part: &&str| {
            part.is_empty()
                || is_word(&part.to_lowercase())
                || part.chars().all(|c| c.is_ascii_digit())
                || is_percentile(part)
        };
        let ends = raw.ends_with('/') || raw.starts_with('/');
        if (parts.iter().all(is_text) && !ends) || raw.len() < 3 {
            return false;
        }
        in_bucket(subject, raw, buckets);
        return true;
    }
    let named = matches!(
        words.before(index),
        "object" | "file" | "key" | "named" | "called"
    );
    let bucket = buckets.iter().any(|bucket| bucket == raw);
    if !bucket && is_file(raw) && (named || !raw.starts_with('.')) {
        subject.key = bounded(raw);
        return true;
    }
    false
}

fn in_bucket(subject: &mut Subject, raw: &str, buckets: &[String]) {
    if let Some((bucket, key)) = raw.split_once('/')
        && buckets.iter().any(|known| known == bucket)
    {
        subject.bucket = bounded(bucket);
        return place(subject, key);
    }
    place(subject, raw);
}

/// A prefix ends with a slash, a key doesn't.
fn place(subject: &mut Subject, path: &str) {
    let path = path.trim_end_matches('*');
    if path.ends_with('/') {
        subject.prefix = bounded(path.trim_start_matches('/'));
    } else {
        subject.key = bounded(path).or(subject.key.take());
    }
}

pub(super) fn seen_or_not(subject: &mut Subject, name: &str, buckets: &[String]) {
    match buckets.iter().find(|bucket| bucket.eq_ignore_ascii_case(name)) {
        Some(bucket) => subject.bucket = Some(bucket.clone()),
        None => subject.unseen = bounded(name),
    }
}

fn is_address(raw: &str) -> bool {
    let (address, length) = raw
        .split_once('/')
        .map_or((raw, None), |(address, length)| (address, Some(length)));
    address.parse::<IpAddr>().is_ok()
        && length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= 128))
}

/// As access key ids are written: long, upper case, with a digit in it.
fn is_access_key(raw: &str) -> bool {
    (16..=64).contains(&raw.len())
        && raw.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && raw.bytes().any(|b| b.is_ascii_digit())
        && raw.bytes().any(|b| b.is_ascii_uppercase())
}

fn is_status(word: &str) -> bool {
    let word = word.trim_end_matches('s');
    let class = word.len() == 3 && word.ends_with("xx") && word.starts_with(['2', '3', '4', '5']);
    class || (word.len() == 3 && matches!(word.parse(), Ok(100..=599)))
}

fn is_percentile(part: &str) -> bool {
    part.strip_prefix('p')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// `PNGs`, `.png`, `*.png`, and `png` where files are meant.
fn extension(word: &str, next: &str) -> Option<&'static str> {
    let dotted = word.starts_with('.') || word.starts_with("*.");
    let name = word.trim_start_matches('*').trim_start_matches('.');
    let found = |name: &str| EXTENSIONS.into_iter().find(|known| *known == name);
    let is_word = matches!(name, "part" | "log" | "logs" | "bin" | "parts") && !dotted && next != "files";
    if is_word {
        return None;
    }
    found(name)
        .or_else(|| found(name.strip_suffix('s')?))
        .or_else(|| found(name.strip_suffix("'s")?))
}

/// `report.pdf`: something, a dot, and a short ending with a letter in it.
fn is_file(raw: &str) -> bool {
    let Some((stem, ending)) = raw.rsplit_once('.') else {
        return false;
    };
    !stem.is_empty()
        && (1..=8).contains(&ending.len())
        && ending.bytes().all(|b| b.is_ascii_alphanumeric())
        && ending.bytes().any(|b| b.is_ascii_alphabetic())
        && !raw.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !matches!(raw.to_lowercase().as_str(), "e.g" | "i.e" | "a.m" | "p.m")
        && !raw.to_lowercase().starts_with("tls")
        && stem.bytes().any(|b| b.is_ascii_alphabetic() || ending.len() > 2)
}
