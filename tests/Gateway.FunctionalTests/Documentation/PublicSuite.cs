namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>What the public suite said, written by hand after a run: it needs Node.js and is no part of this build.</summary>
internal static class PublicSuite
{
    public const string Text = """
        ## The public suite

        [http-tests/cache-tests](https://github.com/http-tests/cache-tests) asks a shared cache 160 required and 105 optional questions.
        A test counts as passed only where the tests it depends on pass as well.

        | Profile | Required | Optional |
        |---|---|---|
        | `rfc9111` | 160 of 160 | 98 of 105 |
        | `safe` (the default) | 150 of 160 | 81 of 105 |

        To reproduce, with a checkout of the suite inside this one and Node.js (the suite's README says more); its origin and the gateway each want a terminal of their own:

        ```
        cd cache-tests && npm install
        npm run server --port=8000                       # the suite's origin; leave it running
        dotnet run -c Release --project ../src/Gateway -- run --origin http://127.0.0.1:8000 --urls http://127.0.0.1:8080 --profile rfc9111
        npm run --silent cli --base=http://127.0.0.1:8080 > results.json
        ```

        `npm run server` starts `test-engine/server/server.mjs`, and `npm run cli` starts `test-engine/cli.mjs`.

        What fails with `rfc9111`, and why it stays so:

        | Test | Reason |
        |---|---|
        | `method-POST` | Answering from a stored POST: not now. |
        | `partial-store-partial-complete` | Combining parts: not now. |
        | `partial-store-partial-reuse-partial`, and its `-byterange`, `-absent` and `-suffix` | The suite's own 206 announces six bytes and carries five. A part whose length contradicts its `Content-Range` could answer with wrong bytes, and is not stored. |
        | `conditional-lm-fresh-no-lm` | It contradicts RFC 9111 4.3.2: without `Last-Modified`, `Date` stands in. |

        What fails with `safe` beside these, each because the profile refuses on purpose:

        | Test | Reason |
        |---|---|
        | `headers-store-Transfer-Encoding` | An answer with an unknown transfer coding is refused: two readers could see its end in two places. |
        | `headers-store-Set-Cookie`, `other-set-cookie` | A response with `Set-Cookie` is not stored. |
        | `status-400-stale`, `status-499-stale`, `status-500-stale`, `status-502-stale`, `status-503-stale`, `status-504-stale`, `status-599-stale`, and the optional `-fresh` of each | Errors other than 404 and 410 are stored only where a policy names the status. |
        | `status-599-must-understand` | The same: it asks first whether a 599 is stored at all. |
        | `heuristic-405-cached`, `heuristic-414-cached`, `heuristic-501-cached`, `heuristic-599-cached` | No lifetime is guessed for errors other than 404 and 410. |
        | `vary-normalise-lang-order`, `vary-normalise-lang-case`, `vary-normalise-lang-select` | Languages are compared as the client wrote them: an origin may choose by their order or spelling. |
        | `other-cookie`, `other-authorization-must-revalidate` | What a request with `Cookie` or `Authorization` led to is shared only where the origin says `public` or `s-maxage`, or a policy does. |

        ## Limits

        - Of a request's `Connection: keep-alive, x-own` Kestrel keeps the word `keep-alive` alone. The gateway leaves that word out beside other options, so that the fields they name are
          dropped as RFC 9110 7.6.1 asks; an HTTP/1.0 client that sends such a line is answered on a connection that closes. Beside `close` the other options are lost ([why](decisions/0006-connection-options.md)).
        - Interim answers (102, 103) pass from an HTTP/1.1 origin to an HTTP/1.1 client; they are never stored ([how, and the limits](decisions/0005-interim-responses.md)).
        - A year of two digits, in the obsolete form of RFC 850, is read as one of 1976 to 2075. RFC 9110 5.6.7 asks for a window that moves with the clock: this one errs towards the past, that
          is towards stale.
        - As disconnected (RFC 9111 4.2.4) the transparent cache also counts an answer that did not come in time or broke off, and its own refusals (`origin-busy`, `origin-down`): it serves stale for up to 24 hours then,
          where nothing forbids it. A choice: an error would help nobody more ([what users see](operations.md#the-origin)).
        - `Cache-Status` says `hit` of every answer that is the cache's own, of a stale one after a failed forward too, and gives `fwd` the cause where a request was refused before it was forwarded, as `fwd=request` for
          `only-if-cached`. RFC 9211 2.1 and 2.2 keep `hit` for what was not forwarded, and `fwd` for what was ([every value](cache-status.md)).

        """;
}
