-- | Two domains that each write a node and read the other's, without asking each other, and say what
-- they have read: who comes when decides what that is.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import System.Environment

import Domains

main :: IO ()
main = do
  _ : self : peer : _ <- getArgs
  let theirs = "/local/domain/" ++ peer ++ "/data/race"
      look = try (storeRead theirs) :: IO (Either IOException String)
  storeWrite "data/race" "0"
  storePermit "data/race" (read self) (read peer)
  -- The other is there; what it writes from now on is a matter of time.
  _ <- storeAwait theirs (either (const Nothing) Just <$> look)
  seen <- forM [1 .. 8 :: Int] $ \n -> do
    storeWrite "data/race" (show n)
    threadDelay (10 * (n `mod` 2))
    either (const "gone") id <$> look
  putStrLn (unwords seen)
