-- exitWith (ExitFailure 0) is an error and not an exit, and exitFailure is status 1; die writes
-- to stderr.
module Main (main) where

import Control.Exception
import System.Exit
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  r <- try (exitWith (ExitFailure 0))
  print (r :: Either IOException ())
  r2 <- try exitFailure
  print (r2 :: Either ExitCode ())
  r3 <- try exitSuccess
  print (r3 :: Either ExitCode ())
  die "died"
