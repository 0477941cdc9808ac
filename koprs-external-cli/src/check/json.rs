//! One JSON document.

use koprs_external::config::FilePlace;
use serde::Serialize;

use super::{Checked, Kind, Watcher};
use crate::diagnostics::Finding;
use crate::text::inert;

#[derive(Serialize)]
struct Document<'a> {
    diagnostics: Vec<Told<'a>>,
    watchers: Vec<Projected<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    severity: String,
    code: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related>,
}

/// Another place that belongs to it.
#[derive(Serialize)]
struct Related {
    file: String,
    line: usize,
    column: usize,
    message: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Projected<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_per_day: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    listings_per_day: Option<f64>,
}

pub(super) fn report(checked: &Checked) -> serde_json::Result<String> {
    let document = Document {
        diagnostics: checked.findings.iter().map(told).collect(),
        watchers: checked.watchers.iter().flatten().map(projected).collect(),
    };
    Ok(inert(&serde_json::to_string_pretty(&document)?) + "\n")
}

fn told(finding: &Finding) -> Told<'_> {
    let place = finding.place();
    Told {
        file: finding.file(),
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        severity: finding.severity().to_string(),
        code: finding.code(),
        message: finding.message(),
        help: finding.help(),
        related: finding.first().iter().map(related).collect(),
    }
}

fn related(first: &FilePlace) -> Related {
    Related {
        file: first.file().display().to_string(),
        line: first.line(),
        column: first.column(),
        message: "the first",
    }
}

fn projected(watcher: &Watcher) -> Projected<'_> {
    let Watcher { name, kind, per_day } = watcher;
    let per_day = Some((per_day * 10.0).round() / 10.0);
    match kind {
        Kind::Value | Kind::Pages => {
            Projected { name, requests_per_day: per_day, listings_per_day: None }
        }
        Kind::Objects => Projected { name, requests_per_day: None, listings_per_day: per_day },
    }
}
