-- Data.Unique gives new values for ever, from several threads.
module Main (main) where

import Control.Concurrent
import Control.Monad
import qualified Data.Set as S
import Data.Unique

main :: IO ()
main = do
  us <- replicateM 100 newUnique
  out <- newChan
  forM_ [1 .. 5 :: Int] $ \_ -> forkIO (replicateM 50 newUnique >>= writeChan out)
  vs <- concat <$> replicateM 5 (readChan out)
  print (S.size (S.fromList (us ++ vs)), head us == head us, head us < last us)
