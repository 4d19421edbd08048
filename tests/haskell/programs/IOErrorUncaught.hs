-- ioError without a handler: message on stderr in the form of IOException, status 1. Its own
-- file name and location are in the message.
module Main (main) where

import System.IO.Error

main :: IO ()
main = ioError (annotateIOError (userError "no luck") "main" Nothing (Just "some/file"))
