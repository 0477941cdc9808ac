//! The fault table, its subjects: what is watched while a server behaves badly. See `fault_table`.

use std::fmt::Debug;

use koprs_external::spec::{Format, Paging, WatcherBuilder};
use koprs_external_tests::{Reply, Server};
use serde::de::DeserializeOwned;

use super::shelf::{Item, array, at, each, linked, list, page, page_before};
use super::stage::{Look, Shown, declare, poll_over_time, source, value, word};
use super::token::pass;

pub(super) const TWELVE: &str = "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 k1 l1";
const TWELVE_LATER: &str = "a1 b2 d1 e1 f1 g1 h1 i1 j1 k1 l1 m1";
/// `b` has changed, `c` is gone, `m` is new.
const TWELVE_CHANGE: &str = "~b2-c1+m1";
pub(super) const SEVEN_PAGES: &str = "a1 b1 | c1 d1 | e1 f1 | g1 h1 | i1 j1 | k1 l1 | m1 n1";
/// `b` has changed, `c` is gone, `o` is new, and all behind `c` has moved.
pub(super) const SEVEN_PAGES_LATER: &str = "a1 b2 | d1 e1 | f1 g1 | h1 i1 | j1 k1 | l1 m1 | n1 o1";

/// Where a behaviour strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Value,
    /// Without a validator.
    BareValue,
    YamlValue,
    List,
    BareList,
    YamlList,
    CsvList,
    NdjsonList,
    /// Page 3 of 7, with `Link`.
    Middle,
    /// Page 7 of 7, with `Link`.
    Last,
    /// Page 2 of 3, with a cursor in the body.
    CursorMiddle,
    CursorLast,
    /// Page 2 of 3, with a cursor in a header.
    HeaderMiddle,
    HeaderLast,
    /// Page 2 of 3, with a number in the query.
    NumberMiddle,
}

/// From a URL to what follows it.
type Make = fn(String) -> Box<dyn Look>;
/// From items and the next page to an answer.
type Render = fn(&str, Option<&str>) -> Reply;

/// An answer that is right, and what it is made of.
#[derive(Clone, Copy)]
pub(super) struct Good {
    /// Items, or the number that is the value.
    pub(super) items: &'static str,
    /// The next page.
    next: Option<&'static str>,
    render: Render,
}

impl Good {
    pub(super) fn reply(&self) -> Reply {
        self.with(self.items)
    }

    /// The same with other items.
    pub(super) fn with(&self, items: &str) -> Reply {
        (self.render)(items, self.next)
    }

    /// The same with another next page.
    pub(super) fn leading_to(&self, next: &str) -> Reply {
        (self.render)(self.items, Some(next))
    }
}

/// What is watched.
pub(super) struct Subject {
    pub(super) name: String,
    make: Make,
    /// What the server has, before and after. Pages are separated by bars.
    before: &'static str,
    after: &'static str,
    pub(super) change: &'static str,
    /// The number of the page where the behaviour strikes, from 1.
    page: usize,
    /// The URL of a page.
    url: fn(usize) -> String,
    render: Render,
}

pub(super) fn a_value() -> Subject {
    Subject::at(Place::Value)
}

pub(super) fn a_list() -> Subject {
    Subject::at(Place::List)
}

pub(super) fn page_three_of_seven() -> Subject {
    Subject::at(Place::Middle)
}

impl Subject {
    pub(super) fn at(place: Place) -> Self {
        use Place::*;
        let (make, render) = way(place);
        let (before, after, change, page) = match place {
            Value | BareValue | YamlValue => ("1", "2", "~2", 1),
            List | BareList | YamlList | CsvList | NdjsonList => {
                (TWELVE, TWELVE_LATER, TWELVE_CHANGE, 1)
            }
            Middle => (SEVEN_PAGES, SEVEN_PAGES_LATER, "~b2-c1+o1", 3),
            Last => (SEVEN_PAGES, SEVEN_PAGES_LATER, "~b2-c1+o1", 7),
            CursorMiddle | HeaderMiddle => (THREE_PAGES, THREE_PAGES_LATER, TWELVE_CHANGE, 2),
            CursorLast | HeaderLast => (THREE_PAGES, THREE_PAGES_LATER, TWELVE_CHANGE, 3),
            NumberMiddle => (NUMBERED_PAGES, NUMBERED_PAGES_LATER, TWELVE_CHANGE, 2),
        };
        let url = if place == NumberMiddle { |n| format!("/v?page={n}") } else { at };
        Self { name: format!("{place:?}"), make, before, after, change, page, url, render }
    }

    fn serve(&self, server: &Server, pages: &'static str) {
        let pages: Vec<_> = pages.split('|').map(str::trim).collect();
        for n in 1..=pages.len() {
            server.set(&(self.url)(n), self.good(&pages, n).reply());
        }
    }

    fn good(&self, pages: &[&'static str], n: usize) -> Good {
        const NUMBERS: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];
        let next = (n < pages.len()).then(|| NUMBERS[n + 1]);
        Good { items: pages[n - 1], next, render: self.render }
    }

    /// Once it has been seen in a good state.
    pub(super) async fn watched(self, row: &str) -> Watched {
        let server = Server::start().await;
        let source = (self.make)(server.url("/v"));
        self.serve(&server, self.before);
        let row = format!("{row}: {}", self.name);
        let mut watched = Watched { row, subject: self, server, source };
        let first = each('+', watched.subject.before);
        watched.comes_to(&first).await;
        watched
    }
}

/// How a place is followed, and how its server answers.
fn way(place: Place) -> (Make, Render) {
    use Place::*;
    match place {
        Value => (|url| of::<u32>(declare(url)), |n, _| value(n.parse().unwrap())),
        BareValue => (|url| of::<u32>(declare(url)), |n, _| Reply::json(n.to_owned())),
        YamlValue => (
            |url| of::<u32>(declare(url).decode(Format::Yaml)),
            |n, _| Reply::bytes("application/yaml", n.to_owned()),
        ),
        List => (|url| of::<Item>(list(url)), |items, _| page(items)),
        BareList => (|url| of::<Item>(list(url)), |items, _| Reply::json(array(items))),
        YamlList => (
            |url| of::<Item>(list(url).decode(Format::Yaml)),
            |items, _| {
                lines("application/yaml", "", items, |id, n| format!("- {{id: {id}, n: {n}}}"))
            },
        ),
        CsvList => (
            |url| of::<Item>(declare(url).decode(Format::Csv).key("/id")),
            |items, _| lines("text/csv", "id,n\n", items, |id, n| format!("{id},{n}")),
        ),
        NdjsonList => (
            |url| of::<Item>(declare(url).decode(Format::Ndjson).key("/id")),
            |items, _| {
                lines("application/x-ndjson", "", items, |id, n| {
                    format!(r#"{{"id":"{id}","n":{n}}}"#)
                })
            },
        ),
        Middle | Last => (|url| of::<Item>(linked(url)), linked_page),
        CursorMiddle | CursorLast => (
            |url| {
                let paging = Paging::cursor_at("/next").param("page");
                of::<Item>(list(url).items("/data").pages(paging))
            },
            |items, next| cursor(items, &next.map_or("null".to_owned(), |n| format!("\"{n}\""))),
        ),
        HeaderMiddle | HeaderLast => (
            |url| of::<Item>(list(url).pages(Paging::cursor_header("x-next").param("page"))),
            |items, next| {
                next.into_iter().fold(page(items), |page, next| page.header("x-next", next))
            },
        ),
        NumberMiddle => {
            (|url| of::<Item>(list(url).pages(Paging::number("page"))), |items, _| page(items))
        }
    }
}

const THREE_PAGES: &str = "a1 b1 c1 d1 | e1 f1 g1 h1 | i1 j1 k1 l1";
const THREE_PAGES_LATER: &str = "a1 b2 d1 e1 | f1 g1 h1 i1 | j1 k1 l1 m1";
const NUMBERED_PAGES: &str = "a1 b1 c1 d1 | e1 f1 g1 h1 | i1 j1 k1 l1 |";
const NUMBERED_PAGES_LATER: &str = "a1 b2 d1 e1 | f1 g1 h1 i1 | j1 k1 l1 m1 |";

fn of<T>(declaration: WatcherBuilder) -> Box<dyn Look>
where
    T: DeserializeOwned + Clone + Debug + Send + Shown + 'static,
{
    Box::new(source::<T>(declaration))
}

fn linked_page(items: &str, next: Option<&str>) -> Reply {
    match next {
        Some(next) => page_before(&format!("/v?page={next}"), items),
        None => page(items),
    }
}

/// A page that has its cursor in the body, as JSON, and an `ETag` of its items alone.
pub(super) fn cursor(items: &str, next: &str) -> Reply {
    let body = format!(r#"{{"data":{},"next":{next}}}"#, array(items));
    Reply::json(body).etag(&format!("\"{}\"", items.replace(' ', "-")))
}

fn lines(kind: &str, head: &str, items: &str, line: fn(&str, &str) -> String) -> Reply {
    let lines = items.split_whitespace().map(|item| line(&item[..1], &item[1..]) + "\n");
    Reply::bytes(kind, head.to_owned() + &lines.collect::<String>())
}

/// A subject that has been seen in a good state.
pub(super) struct Watched {
    pub(super) subject: Subject,
    pub(super) row: String,
    pub(super) server: Server,
    pub(super) source: Box<dyn Look>,
}

impl Watched {
    /// What the server does, from now on, in place of what is right.
    pub(super) fn breaks(&self, fault: Reply) {
        self.server.set(&self.place(), fault);
    }

    /// The same, made of what is right.
    pub(super) fn breaks_with(&self, answer: impl Fn(&Good) -> Reply) {
        let pages: Vec<_> = self.subject.before.split('|').map(str::trim).collect();
        self.breaks(answer(&self.subject.good(&pages, self.subject.page)));
    }

    pub(super) fn place(&self) -> String {
        (self.subject.url)(self.subject.page)
    }

    /// The requests of a poll until it comes there.
    pub(super) fn requests(&self) -> usize {
        self.subject.page
    }

    /// One poll for each of these words.
    pub(super) async fn comes_to(&mut self, words: &str) {
        for (n, expected) in words.split_whitespace().enumerate() {
            let polled = poll_over_time(&mut *self.source).await;
            assert_eq!(polled, expected, "{}, poll {n}", self.row);
        }
    }

    /// One poll for each of these words, three for a single one; an hour apart, so that no server-requested delay
    /// holds any more. A word ends with `h` while removals are held, and with `b` while items are bad.
    pub(super) async fn meets(&mut self, words: &str) {
        let words: Vec<_> = words.split_whitespace().collect();
        let words = if let [word] = words[..] { vec![word; 3] } else { words };
        for (n, expected) in words.into_iter().enumerate() {
            pass(3601).await;
            // A walk waits for a server that is overloaded.
            let polled = match expected {
                "!429" | "!503" => poll_over_time(&mut *self.source).await,
                _ => word(&self.source.look().await),
            };
            let report = self.source.report();
            let held = if report.held_removals.is_some() { "h" } else { "" };
            let bad = if report.bad_items > 0 { "b" } else { "" };
            let polled = format!("{polled}{held}{bad}");
            assert!(!polled.contains('-'), "{}, poll {n}: {polled}", self.row);
            assert_eq!(polled, expected, "{}, poll {n}", self.row);
        }
        pass(3601).await;
    }

    /// The fault is over, and the state is another one.
    pub(super) async fn recovers(mut self) {
        self.subject.serve(&self.server, self.subject.after);
        let change = self.subject.change;
        self.comes_to(&format!("{change} .")).await;
    }

    /// One poll while the server is not coming to an end with this many requests. Time passes by itself.
    pub(super) async fn times_out(&mut self, requests: usize) {
        let asked = self.server.requests().len() + requests;
        let polled = self.source.look();
        let (polled, ()) = tokio::join!(polled, async {
            self.server.wait_for(asked).await;
            tokio::time::pause();
        });
        tokio::time::resume();
        assert_eq!(word(&polled), "!timeout", "{}", self.row);
    }
}
