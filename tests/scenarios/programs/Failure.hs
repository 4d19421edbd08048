-- | A program that ends with a status other than 0, which another domain reads in XenStore.
module Main (main) where

import Control.Exception
import System.Environment
import System.Exit

import Domains

main :: IO ()
main = do
  role : numbers <- getArgs
  let [self, peer] = map read numbers
      node domain name = "/local/domain/" ++ show (domain :: Int) ++ "/data/" ++ name
      value domain name = do
        got <- try (storeRead (node domain name)) :: IO (Either IOException String)
        return (if got == Right "" then Nothing else either (const Nothing) Just got)
  case role of
    "a" -> do
      storeWrite "data/exit-status" ""
      storePermit "data/exit-status" self peer
      _ <- storeAwait (node peer "ready") (value peer "ready")
      putStrLn "It fails"
      exitWith (ExitFailure 3)
    _ -> do
      storeWrite "data/ready" "yes"
      storePermit "data/ready" self peer
      status <- storeAwait (node peer "exit-status") (value peer "exit-status")
      putStrLn ("The other has failed with status " ++ status)
