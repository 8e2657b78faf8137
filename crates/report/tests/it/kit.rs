//! Lines, files of them, and their report.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use spacewatch_report::{Limits, Options, Progress, Report, Source, analyse};

/// A record that differs from others by `n`.
pub(crate) fn line(n: u32) -> String {
    format!(
        "owner bucket-{} [06/Feb/2019:{:02}:00:38 +0000] 192.0.2.{} req-{} RID{n} REST.GET.OBJECT img/{}/cat%2520{n}.jpg \"GET /img/cat%20{n}.jpg HTTP/1.1\" {} - {n} {n} {} {} \"-\" \"agent-{}\" - hostid SigV4 cipher AuthHeader host-{}.example TLSv1.3 - -\n",
        n % 3,
        n % 24,
        n % 7,
        n % 5,
        n % 4,
        if n % 10 == 3 { 404 } else { 200 },
        n % 2000,
        n % 90,
        n % 6,
        n % 2,
    )
}

pub(crate) fn lines(from: u32, to: u32) -> String {
    (from..to).map(line).collect()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn report(&self, options: &Options) -> Report {
        report(self.path(), options)
    }
}

pub(crate) fn report(path: &Path, options: &Options) -> Report {
    analyse(&[Source::Path(path.to_owned())], options, &Progress::default())
}

pub(crate) fn workers(count: usize, segment_bytes: u64) -> Options {
    Options {
        workers: NonZeroUsize::new(count).unwrap(),
        limits: Limits {
            segment_bytes,
            ..Limits::default()
        },
        ..Options::default()
    }
}

/// All figures as text, to compare two reports.
pub(crate) fn shown(report: &Report) -> String {
    serde_json::to_string_pretty(report).unwrap()
}
