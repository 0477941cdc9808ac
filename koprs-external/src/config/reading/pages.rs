//! What is read of the pages of a list.

use super::super::raw::{RawFrom, RawPages, RawWay};
use super::{Reading, text};
use crate::spec::{Paging, number};

impl Reading<'_> {
    pub(super) fn pages(mut self, raw: RawPages) -> Self {
        let RawPages { way, limit, origins } = raw;
        let mut paging = self.way(way);
        if let Some(limit) = self.read("http.pages.limit", limit, number::parse) {
            paging = paging.limit(limit);
        }
        for origin in self.list("http.pages.origins", origins) {
            paging = paging.origin(origin);
        }
        self.builder = self.builder.pages(paging);
        self
    }

    /// The way to the next page; another stands in for one that was reported.
    fn way(&mut self, raw: Option<RawWay>) -> Paging {
        match raw {
            None | Some(RawWay::Link) => Paging::link_header(),
            Some(RawWay::Cursor { from, param }) => {
                let paging = match from {
                    RawFrom::At(at) => {
                        Paging::cursor_at(self.required("http.pages.cursor.at", at, text))
                    }
                    RawFrom::Header(name) => {
                        let name = self.required("http.pages.cursor.header", name, text);
                        Paging::cursor_header(name)
                    }
                };
                match self.read("http.pages.cursor.param", param, text) {
                    Some(param) => paging.param(param),
                    None => paging,
                }
            }
            Some(RawWay::Number { param, first }) => {
                let paging = Paging::number(self.required("http.pages.number.param", param, text));
                match self.read("http.pages.number.first", first, number::parse) {
                    Some(first) => paging.first(first),
                    None => paging,
                }
            }
            Some(RawWay::Offset { param }) => {
                Paging::offset(self.required("http.pages.offset.param", param, text))
            }
        }
    }
}
