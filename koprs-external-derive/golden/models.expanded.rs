#[automatically_derived]
#[allow(dead_code, unused_qualifications, clippy::too_many_arguments)]
impl Model
where
    Model: ::koprs_external::private::DeserializeOwned + ::core::clone::Clone
        + ::core::fmt::Debug + ::core::marker::Send + 'static + ::core::cmp::PartialEq,
{
    /// The declaration, checked.
    ///
    /// # Errors
    ///
    /// When an argument cannot stand in its place.
    fn spec(
        bucket: String,
        environment: &str,
        id: String,
    ) -> ::koprs_external::private::Result<::koprs_external::private::WatcherSpec> {
        let params = ::koprs_external::private::Params::new()
            .with("bucket", &bucket)
            .with("environment", &environment)
            .with("id", &id);
        let spec = ::koprs_external::private::s3::<
            Self,
        >(
                "model",
                params.url("object_store.url", "s3://{bucket}/{environment}/models/")?,
            )
            .include("**/*.{yaml,yml}")
            .include("*.json")
            .exclude("tmp/**")
            .option(
                "aws_region",
                ::koprs_external::private::SecretSource::Value(
                    ::core::convert::Into::into("eu-west-1"),
                ),
            )
            .option(
                "aws_allow_http",
                ::koprs_external::private::SecretSource::Value(
                    ::core::convert::Into::into("true"),
                ),
            )
            .option(
                "aws_access_key_id",
                ::koprs_external::private::SecretSource::Value(
                    ::core::convert::Into::into(
                        params.text("object_store.option.aws_access_key_id", "{id}")?,
                    ),
                ),
            )
            .option(
                "aws_secret_access_key",
                ::koprs_external::private::SecretSource::Env(
                    ::std::string::String::from("MODELS_KEY"),
                ),
            )
            .option(
                "aws_session_token",
                ::koprs_external::private::SecretSource::File(
                    ::std::path::PathBuf::from("/run/token"),
                ),
            )
            .settle(::core::time::Duration::new(5u64, 0u32))
            .concurrency(4usize)
            .listing_concurrency(2usize)
            .object_limit(1000usize)
            .body_limit(1048576u64)
            .interval(::core::time::Duration::new(30u64, 0u32))
            .decode(::koprs_external::private::yaml::<Self>())
            .distinct()
            .hold_above(0.25f64)
            .hold_min(20u64)
            .ignore("/updated_at")
            .hide(&params)
            .build()?;
        ::core::result::Result::Ok(spec)
    }
    ///A source of `Object<Model>`, to be watched.
    ///
    /// # Errors
    ///
    /// When an argument cannot stand in its place, or the credential cannot be read.
    fn source(
        bucket: String,
        environment: &str,
        id: String,
    ) -> ::koprs_external::private::Result<ModelSource> {
        let made = ::koprs_external::private::DeclaredSource::distinct(
            Self::spec(bucket, environment, id)?,
        )?;
        ::core::result::Result::Ok(ModelSource(made))
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
    fn watch(
        bucket: String,
        environment: &str,
        id: String,
    ) -> ::koprs_external::private::Result<
        ::koprs_external::private::Watch<::koprs_external::private::Object<Model>>,
    > {
        let made = Self::source(bucket, environment, id)?;
        let config = made.config();
        ::core::result::Result::Ok(::koprs_external::private::watch(made, config))
    }
}
///Polls as [`Model`] declares, and yields `Object<Model>`.
#[allow(dead_code, unused_qualifications)]
struct ModelSource(
    ::koprs_external::private::DeclaredSource<::koprs_external::private::Object<Model>>,
);
#[automatically_derived]
#[allow(dead_code, unused_qualifications)]
impl ModelSource
where
    Model: ::koprs_external::private::DeserializeOwned + ::core::clone::Clone
        + ::core::fmt::Debug + ::core::marker::Send + 'static + ::core::cmp::PartialEq,
{
    /// The declared schedule.
    #[must_use]
    fn config(&self) -> ::koprs_external::private::WatchConfig {
        self.0.config()
    }
    /// The declaration, with its arguments filled in.
    #[must_use]
    fn spec(&self) -> &::koprs_external::private::WatcherSpec {
        self.0.spec()
    }
}
#[automatically_derived]
impl ::core::fmt::Debug for ModelSource {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::koprs_external::private::ExternalSource for ModelSource
where
    Model: ::koprs_external::private::DeserializeOwned + ::core::clone::Clone
        + ::core::fmt::Debug + ::core::marker::Send + 'static + ::core::cmp::PartialEq,
{
    type Item = ::koprs_external::private::Object<Model>;
    fn poll(
        &mut self,
    ) -> ::koprs_external::private::BoxFuture<
        '_,
        ::koprs_external::private::Result<
            ::std::vec::Vec<
                ::koprs_external::private::ExternalEvent<
                    ::koprs_external::private::Object<Model>,
                >,
            >,
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
    ) -> ::std::vec::Vec<
        ::koprs_external::private::ExternalEvent<
            ::koprs_external::private::Object<Model>,
        >,
    > {
        ::koprs_external::private::ExternalSource::retract(&mut self.0)
    }
    fn idle(&mut self) -> ::koprs_external::private::BoxFuture<'_, ()> {
        ::koprs_external::private::ExternalSource::idle(&mut self.0)
    }
    fn undelivered(
        &mut self,
    ) -> ::std::vec::Vec<
        ::koprs_external::private::ExternalEvent<
            ::koprs_external::private::Object<Model>,
        >,
    > {
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
