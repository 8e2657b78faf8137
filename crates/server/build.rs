//! Builds the pages where they are missing or older than their sources, and writes the table that embeds them.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::SystemTime;

use flate2::Compression;
use flate2::write::GzEncoder;

/// What the pages are made of, below `web/`.
const SOURCES: [&str; 6] = [
    "src",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let web = folder("CARGO_MANIFEST_DIR")?.join("../../web");
    // Not `dist`: building it here would make the next build think that something changed.
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", web.join(source).display());
    }
    let dist = web.join("dist");
    if is_older(&dist.join("index.html"), &web) {
        build(&web)?;
    }
    write_table(&dist, &folder("OUT_DIR")?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells build scripts their folders this way"
)]
fn folder(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    Ok(std::env::var_os(name)
        .ok_or("cargo sets the folders of build scripts")?
        .into())
}

fn is_older(built: &Path, web: &Path) -> bool {
    let Ok(built) = fs::metadata(built).and_then(|file| file.modified()) else {
        return true;
    };
    SOURCES
        .iter()
        .any(|source| newest(&web.join(source)).is_some_and(|changed| changed > built))
}

fn newest(path: &Path) -> Option<SystemTime> {
    let file = fs::metadata(path).ok()?;
    if !file.is_dir() {
        return file.modified().ok();
    }
    fs::read_dir(path)
        .ok()?
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .max()
}

fn build(web: &Path) -> Result<(), Box<dyn Error>> {
    if !web.join("node_modules/vite").is_dir() {
        npm(web, &["ci", "--no-audit", "--no-fund"])?;
    }
    npm(web, &["run", "build"])
}

fn npm(web: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let shown = format!("npm {}", arguments.join(" "));
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(program).args(arguments).current_dir(web).output().map_err(|error| {
        format!(
            "the pages in `web/` must be built, and `{shown}` can't be started ({error}).\n\
             Install Node.js 20.19 or newer with npm (https://nodejs.org, or your system's packages), then build again."
        )
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "the pages in `web/` must be built, and `{shown}` failed.\n\
         It needs Node.js 20.19 or newer (`node --version` tells yours) and, the first time, the npm registry.\n\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
    .into())
}

fn write_table(dist: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    collect(dist, dist, &mut files)?;
    files.sort();
    let mut table = String::from("static ASSETS: &[Asset] = &[\n");
    for (index, name) in files.iter().enumerate() {
        let bytes = fs::read(dist.join(name))?;
        let plain = out.join(format!("asset-{index}"));
        fs::write(&plain, &bytes)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&bytes)?;
        let gzip = gzip.finish()?;
        let compressed = if gzip.len() * 10 < bytes.len() * 9 {
            let file = out.join(format!("asset-{index}.gz"));
            fs::write(&file, &gzip)?;
            format!("Some(include_bytes!({file:?}))")
        } else {
            "None".to_owned()
        };
        let etag = format!("\"{:016x}\"", fnv1a(&bytes));
        table.push_str(&format!(
            "    Asset {{ path: {name:?}, content_type: {:?}, etag: {etag:?}, \
             plain: include_bytes!({plain:?}), gzip: {compressed} }},\n",
            content_type(name),
        ));
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let name = path
                .strip_prefix(root)?
                .to_str()
                .ok_or("a file name that is not UTF-8")?;
            files.push(name.replace('\\', "/"));
        }
    }
    Ok(())
}

/// FNV-1a: the tag tells versions of one file apart, nobody has to be kept from forging it.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
