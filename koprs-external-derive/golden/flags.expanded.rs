#[automatically_derived]
#[allow(dead_code, unused_qualifications, clippy::too_many_arguments)]
impl Flags
where
    Flags: ::koprs_external::private::DeserializeOwned + ::core::clone::Clone
        + ::core::fmt::Debug + ::core::marker::Send + 'static + ::core::cmp::PartialEq,
{
    /// The declaration, checked.
    ///
    /// # Errors
    ///
    /// When an argument cannot stand in its place.
    pub(crate) fn spec(
        port: u16,
        id: String,
        team: Team,
        token: &str,
    ) -> ::koprs_external::private::Result<::koprs_external::private::WatcherSpec> {
        let params = ::koprs_external::private::Params::new()
            .with("port", &port)
            .with("id", &id)
            .with("team", &team)
            .with("token", &token);
        let spec = ::koprs_external::private::WatcherSpec::http(
                "flags",
                params.url("http.url", "http://127.0.0.1:{port}/v1/flags/{id}")?,
            )
            .query("page_size", "100")
            .query("team", params.text("http.query.team", "{team}")?)
            .header("x-team", "platform")
            .json_body(
                params
                    .json(
                        "http.body.json",
                        "{\"team\": {team}, \"query\": \"query {{team}}: {team}\"}",
                    )?,
            )
            .bearer(
                ::koprs_external::private::SecretSource::Value(
                    ::core::convert::Into::into(
                        params.text("http.auth.bearer.value", "{token}")?,
                    ),
                ),
            )
            .pages(
                ::koprs_external::private::Paging::cursor_at("/meta/next")
                    .param("cursor")
                    .limit(50usize),
            )
            .timeout(::core::time::Duration::new(10u64, 0u32))
            .retries(1u32)
            .respect_max_age()
            .max_in_flight(4usize)
            .body_limit(8388608u64)
            .header_limit(32768u64)
            .redirect_limit(0u32)
            .interval(::core::time::Duration::new(30u64, 0u32))
            .max_backoff(::core::time::Duration::new(300u64, 0u32))
            .jitter(0.1f64)
            .decode(::koprs_external::private::Format::Json)
            .items("/data")
            .key("/flagId")
            .item_limit(1000usize)
            .on_bad_item(::koprs_external::private::OnBadItem::Fail)
            .distinct()
            .confirm(3u32)
            .hold_above(0.25f64)
            .hold_min(20u64)
            .ignore("/updated_at")
            .ignore("/meta/seen")
            .hide(&params)
            .build()?;
        ::core::result::Result::Ok(spec)
    }
    ///A source of `Flags`, to be watched.
    ///
    /// # Errors
    ///
    /// When an argument cannot stand in its place, or the credential cannot be read.
    pub(crate) fn source(
        port: u16,
        id: String,
        team: Team,
        token: &str,
    ) -> ::koprs_external::private::Result<FlagsSource> {
        let made = ::koprs_external::private::DeclaredSource::distinct(
            Self::spec(port, id, team, token)?,
        )?;
        ::core::result::Result::Ok(FlagsSource(made))
    }
    /// Polls as declared, and yields what changes.
    ///
    /// # Errors
    ///
    /// When an argument cannot stand in its place, or the credential cannot be read.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its timer enabled.
    pub(crate) fn watch(
        port: u16,
        id: String,
        team: Team,
        token: &str,
    ) -> ::koprs_external::private::Result<::koprs_external::private::Watch<Flags>> {
        let made = Self::source(port, id, team, token)?;
        let config = made.config();
        ::core::result::Result::Ok(::koprs_external::private::watch(made, config))
    }
}
///Polls as [`Flags`] declares, and yields `Flags`.
#[allow(dead_code, unused_qualifications)]
pub(crate) struct FlagsSource(::koprs_external::private::DeclaredSource<Flags>);
#[automatically_derived]
#[allow(dead_code, unused_qualifications)]
impl FlagsSource
where
    Flags: ::koprs_external::private::DeserializeOwned + ::core::clone::Clone
        + ::core::fmt::Debug + ::core::marker::Send + 'static + ::core::cmp::PartialEq,
{
    /// The declared schedule.
    #[must_use]
    pub(crate) fn config(&self) -> ::koprs_external::private::WatchConfig {
        self.0.config()
    }
    /// The declaration, with its arguments filled in.
    #[must_use]
    pub(crate) fn spec(&self) -> &::koprs_external::private::WatcherSpec {
        self.0.spec()
    }
}
#[automatically_derived]
impl ::core::fmt::Debug for FlagsSource {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::koprs_external::private::ExternalSource for FlagsSource
where
    Flags: ::koprs_external::private::DeserializeOwned + ::core::clone::Clone
        + ::core::fmt::Debug + ::core::marker::Send + 'static + ::core::cmp::PartialEq,
{
    type Item = Flags;
    fn poll(
        &mut self,
    ) -> ::koprs_external::private::BoxFuture<
        '_,
        ::koprs_external::private::Result<
            ::std::vec::Vec<::koprs_external::private::ExternalEvent<Flags>>,
        >,
    > {
        ::koprs_external::private::ExternalSource::poll(&mut self.0)
    }
    fn name(&self) -> &str {
        ::koprs_external::private::ExternalSource::name(&self.0)
    }
    fn pace(&self) -> ::koprs_external::private::Pace {
        ::koprs_external::private::ExternalSource::pace(&self.0)
    }
    fn complete(&self) -> bool {
        ::koprs_external::private::ExternalSource::complete(&self.0)
    }
    fn report(&self) -> ::koprs_external::private::Report {
        ::koprs_external::private::ExternalSource::report(&self.0)
    }
    fn release_removals(&mut self) {
        ::koprs_external::private::ExternalSource::release_removals(&mut self.0);
    }
    fn retract(
        &mut self,
    ) -> ::std::vec::Vec<::koprs_external::private::ExternalEvent<Flags>> {
        ::koprs_external::private::ExternalSource::retract(&mut self.0)
    }
    fn idle(&mut self) -> ::koprs_external::private::BoxFuture<'_, ()> {
        ::koprs_external::private::ExternalSource::idle(&mut self.0)
    }
    fn undelivered(
        &mut self,
    ) -> ::std::vec::Vec<::koprs_external::private::ExternalEvent<Flags>> {
        ::koprs_external::private::ExternalSource::undelivered(&mut self.0)
    }
    fn hand_over(
        &mut self,
    ) -> ::std::option::Option<::koprs_external::private::KnownItems> {
        ::koprs_external::private::ExternalSource::hand_over(&mut self.0)
    }
    fn inherit(
        &mut self,
        known: ::koprs_external::private::KnownItems,
    ) -> ::std::result::Result<(), ::koprs_external::private::KnownItems> {
        ::koprs_external::private::ExternalSource::inherit(&mut self.0, known)
    }
    fn delivered(
        &mut self,
    ) -> ::koprs_external::private::BoxFuture<
        '_,
        ::koprs_external::private::Result<()>,
    > {
        ::koprs_external::private::ExternalSource::delivered(&mut self.0)
    }
}
