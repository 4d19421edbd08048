-- A user's exception that nobody catches is shown by displayException's default, over several lines, and
-- the status is 1. Runs the cleaning up of bracket first.
module Main (main) where

import Control.Exception
import System.IO

data Failure = Failure { code :: Int, hints :: [String] }
instance Show Failure where
  show f = "failure " ++ show (code f) ++ concatMap ("\n  hint: " ++) (hints f)
instance Exception Failure

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  bracket_ (putStrLn "open") (putStrLn "close") $
    throwIO (Failure 12 ["try again", "ask somebody: ä→ω"])
